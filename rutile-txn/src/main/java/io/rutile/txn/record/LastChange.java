package io.rutile.txn.record;

/**
 * Where the newest value below a Lock or Rollback record is, so that readers can jump over a run of
 * such records. Encoded as (timestamp, versions): (0, 0) is unknown, (0, above 0) says there is no
 * value at all, otherwise the commit_ts of the value and how many versions lie between.
 */
public sealed interface LastChange {
  LastChange UNKNOWN = new Unknown();
  LastChange NOT_EXIST = new NotExist();

  /** Nobody looked; readers go version by version. */
  record Unknown() implements LastChange {}

  /** No Put or Delete lies below. */
  record NotExist() implements LastChange {}

  /**
   * The newest Put or Delete below.
   *
   * @param timestamp its commit_ts
   * @param versions number of versions from the record that carries this to that one, at least 1
   */
  record Exist(long timestamp, long versions) implements LastChange {}

  static LastChange ofParts(long timestamp, long versions) {
    if (timestamp != 0) {
      return new Exist(timestamp, versions);
    }
    return versions == 0 ? UNKNOWN : NOT_EXIST;
  }

  /** First encoded part. */
  default long timestampPart() {
    return this instanceof Exist exist ? exist.timestamp() : 0;
  }

  /** Second encoded part. */
  default long versionsPart() {
    return switch (this) {
      case Unknown _ -> 0;
      case NotExist _ -> 1;
      case Exist exist -> exist.versions();
    };
  }
}
