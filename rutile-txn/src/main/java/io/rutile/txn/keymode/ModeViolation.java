package io.rutile.txn.keymode;

import io.rutile.base.bytes.Bytes;
import io.rutile.proto.kvrpcpb.APIVersion;

/** Why {@link ApiVersionGate} does not let a request through. */
public sealed interface ModeViolation {
  /** Code of the error catalogue. */
  String code();

  /** The text that raw requests are answered with. */
  String text();

  /** The store does not speak the request's API version, or not for such a command. */
  record VersionMismatch(String command, APIVersion storage, APIVersion request)
      implements ModeViolation {
    @Override
    public String code() {
      return "KV:Storage:ApiVersionNotMatched";
    }

    @Override
    public String text() {
      return "Api version in request does not match with TiKV storage, cmd: "
          + command
          + ", storage: "
          + storage
          + ", request: "
          + request;
    }
  }

  /** The key is not one of the request's mode. */
  record WrongKeyMode(String command, APIVersion storage, byte[] key) implements ModeViolation {
    @Override
    public String code() {
      return "KV:Storage:InvalidKeyMode";
    }

    @Override
    public String text() {
      return "Key mode mismatched with the request mode, cmd: "
          + command
          + ", storage: "
          + storage
          + ", key: "
          + Bytes.hex(key);
    }
  }

  /** The range has, or might have, keys that are not of the request's mode. */
  record WrongRangeMode(String command, APIVersion storage, byte[] start, byte[] end)
      implements ModeViolation {
    @Override
    public String code() {
      return "KV:Storage:InvalidKeyMode";
    }

    @Override
    public String text() {
      return "Key mode mismatched with the request mode, cmd: "
          + command
          + ", storage: "
          + storage
          + ", range: ["
          + Bytes.hex(start)
          + ", "
          + Bytes.hex(end)
          + ")";
    }
  }
}
