package io.rutile.verify.client;

import org.tikv.common.TiConfiguration.ApiVersion;

/** API version 1. */
class JavaClientRawV1Test extends JavaClientRawCases {
  JavaClientRawV1Test() {
    super(ApiVersion.V1);
  }
}
