package io.rutile.txn.keymode;

import io.rutile.proto.kvrpcpb.APIVersion;
import io.rutile.proto.kvrpcpb.KeyRange;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Decides whether this store serves a request of some API version for some keys.
 *
 * <p>A V1 store serves V1 requests of both kinds, a V1TTL store raw V1 requests only. A V2 store
 * serves V2 requests whose keys have the prefix of their kind, and V1 transactions on TiDB's keys.
 * Each method answers null when the request may pass. Immutable.
 */
public final class ApiVersionGate {
  private final APIVersion storage;

  public ApiVersionGate(APIVersion storage) {
    if (storage != APIVersion.V1 && storage != APIVersion.V1TTL && storage != APIVersion.V2) {
      throw new IllegalArgumentException("no storage of API version " + storage);
    }
    this.storage = storage;
  }

  public APIVersion storageVersion() {
    return storage;
  }

  public @Nullable ModeViolation rawVersion(String command, APIVersion request) {
    boolean served =
        switch (storage) {
          case V1, V1TTL -> request == APIVersion.V1;
          default -> request == APIVersion.V2;
        };
    return served ? null : new ModeViolation.VersionMismatch(command, storage, request);
  }

  public @Nullable ModeViolation rawKey(String command, APIVersion request, byte[] key) {
    ModeViolation violation = rawVersion(command, request);
    if (violation != null || storage != APIVersion.V2 || KeyMode.of(key) == KeyMode.RAW) {
      return violation;
    }
    return new ModeViolation.WrongKeyMode(command, storage, key);
  }

  public @Nullable ModeViolation rawRange(
      String command, APIVersion request, byte[] start, byte[] end) {
    ModeViolation violation = rawVersion(command, request);
    if (violation != null
        || storage != APIVersion.V2
        || KeyMode.ofRange(start, end) == KeyMode.RAW) {
      return violation;
    }
    return new ModeViolation.WrongRangeMode(command, storage, start, end);
  }

  public @Nullable ModeViolation rawRanges(
      String command, APIVersion request, List<KeyRange> ranges, boolean reverse) {
    ModeViolation violation = rawVersion(command, request);
    for (int i = 0; violation == null && i < ranges.size(); i++) {
      byte[] start = ranges.get(i).getStartKey().toByteArray();
      byte[] end = ranges.get(i).getEndKey().toByteArray();
      violation =
          reverse ? rawRange(command, request, end, start) : rawRange(command, request, start, end);
    }
    return violation;
  }

  public @Nullable ModeViolation txnVersion(String command, APIVersion request) {
    boolean served =
        switch (storage) {
          case V1 -> request == APIVersion.V1;
          case V1TTL -> false;
          default -> request == APIVersion.V1 || request == APIVersion.V2;
        };
    return served ? null : new ModeViolation.VersionMismatch(command, storage, request);
  }

  /** Checks each item's key; {@code key} takes the user key out of an item. */
  public <T> @Nullable ModeViolation txnKeys(
      String command, APIVersion request, List<T> items, Function<T, byte[]> key) {
    ModeViolation violation = txnVersion(command, request);
    if (violation != null || storage != APIVersion.V2) {
      return violation;
    }
    KeyMode wanted = txnMode(request);
    for (T item : items) {
      byte[] userKey = key.apply(item);
      if (KeyMode.of(userKey) != wanted) {
        return new ModeViolation.WrongKeyMode(command, storage, userKey);
      }
    }
    return null;
  }

  public @Nullable ModeViolation txnRange(
      String command, APIVersion request, byte[] start, byte[] end) {
    ModeViolation violation = txnVersion(command, request);
    if (violation != null
        || storage != APIVersion.V2
        || KeyMode.ofRange(start, end) == txnMode(request)) {
      return violation;
    }
    return new ModeViolation.WrongRangeMode(command, storage, start, end);
  }

  private static KeyMode txnMode(APIVersion request) {
    return request == APIVersion.V2 ? KeyMode.TXN : KeyMode.TIDB;
  }
}
