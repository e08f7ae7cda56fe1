package io.rutile.verify.client;

import org.tikv.common.TiConfiguration.ApiVersion;

/** API version 1. */
class JavaClientTxnV1Test extends JavaClientTxnCases {
  JavaClientTxnV1Test() {
    super(ApiVersion.V1);
  }
}
