package io.rutile.txn.gate;

/**
 * The newest state of a row that is kept for other readers. A class rather than a record so that
 * whoever keeps rows can add what it needs to the same object: on the way to a hot row each object
 * is a cache miss.
 */
public class HotRow {
  private final long version;
  private final byte[] value;

  /**
   * @param version what distinguishes it from older ones: the commit_ts of a transactional row that
   *     bears no lock, 0 of a raw one
   * @param value shared by all readers, so nobody changes it
   */
  public HotRow(long version, byte[] value) {
    this.version = version;
    this.value = value;
  }

  public final long version() {
    return version;
  }

  public final byte[] value() {
    return value;
  }
}
