package io.rutile.txn.storage;

import com.google.protobuf.ByteString;
import io.rutile.base.codec.MemComparable;
import io.rutile.proto.kvrpcpb.Context;
import io.rutile.proto.kvrpcpb.Mutation;
import io.rutile.txn.error.TxnError;
import io.rutile.txn.keymode.ApiVersionGate;
import io.rutile.txn.keymode.ModeViolation;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The checks of transactional requests that come before any work. Immutable. */
final class TxnGate {
  private final ApiVersionGate apiVersion;
  private final int maxKeySize;

  TxnGate(ApiVersionGate apiVersion, int maxKeySize) {
    this.apiVersion = apiVersion;
    this.maxKeySize = maxKeySize;
  }

  /** Why the request is refused; null when it may pass. */
  @Nullable TxnError version(String command, Context context) {
    return error(apiVersion.txnVersion(command, context.getApiVersion()));
  }

  @Nullable TxnError keys(String command, Context context, List<ByteString> keys) {
    return error(
        apiVersion.txnKeys(command, context.getApiVersion(), keys, ByteString::toByteArray));
  }

  @Nullable TxnError range(String command, Context context, ByteString start, ByteString end) {
    return error(
        apiVersion.txnRange(
            command, context.getApiVersion(), start.toByteArray(), end.toByteArray()));
  }

  /** Keys of mutations: their mode, and their size as encoded. */
  @Nullable TxnError mutations(String command, Context context, List<Mutation> mutations) {
    for (Mutation mutation : mutations) {
      int size = MemComparable.encodedLength(mutation.getKey().size());
      if (size > maxKeySize) {
        return new TxnError.KeyTooLarge(size, maxKeySize);
      }
    }
    return error(
        apiVersion.txnKeys(
            command,
            context.getApiVersion(),
            mutations,
            mutation -> mutation.getKey().toByteArray()));
  }

  private static @Nullable TxnError error(@Nullable ModeViolation violation) {
    return switch (violation) {
      case null -> null;
      case ModeViolation.VersionMismatch mismatch ->
          new TxnError.ApiVersionNotMatched(
              mismatch.command(), mismatch.storage(), mismatch.request());
      case ModeViolation.WrongKeyMode wrong ->
          new TxnError.InvalidKeyMode(wrong.command(), wrong.storage(), wrong.key());
      case ModeViolation.WrongRangeMode wrong ->
          new TxnError.InvalidKeyMode(wrong.command(), wrong.storage(), wrong.start());
    };
  }
}
