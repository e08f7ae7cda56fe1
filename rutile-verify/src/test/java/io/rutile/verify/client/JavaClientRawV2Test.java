package io.rutile.verify.client;

import org.tikv.common.TiConfiguration.ApiVersion;

/** API version 2. */
class JavaClientRawV2Test extends JavaClientRawCases {
  JavaClientRawV2Test() {
    super(ApiVersion.V2);
  }
}
