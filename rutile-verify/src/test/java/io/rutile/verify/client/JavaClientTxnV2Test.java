package io.rutile.verify.client;

import org.tikv.common.TiConfiguration.ApiVersion;

/** API version 2. */
class JavaClientTxnV2Test extends JavaClientTxnCases {
  JavaClientTxnV2Test() {
    super(ApiVersion.V2);
  }
}
