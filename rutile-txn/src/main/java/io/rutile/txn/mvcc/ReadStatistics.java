package io.rutile.txn.mvcc;

import io.rutile.proto.kvrpcpb.ScanDetailV2;

/** What a request read, by column family. Owned by the thread that reads. */
public final class ReadStatistics {
  private final CfStatistics lock = new CfStatistics();
  private final CfStatistics write = new CfStatistics();
  private final CfStatistics data = new CfStatistics();

  public CfStatistics lock() {
    return lock;
  }

  public CfStatistics write() {
    return write;
  }

  public CfStatistics data() {
    return data;
  }

  /** A row of so many bytes was found without any search for versions. */
  public void foundRow(int bytes) {
    write.get++;
    write.processedKeys++;
    write.processedBytes += bytes;
    write.flowBytes += bytes;
  }

  public void add(ReadStatistics other) {
    lock.add(other.lock);
    write.add(other.write);
    data.add(other.data);
  }

  /** Processed versions are those that made a result, total versions all that were stepped over. */
  public ScanDetailV2 toScanDetailV2() {
    return ScanDetailV2.newBuilder()
        .setProcessedVersions(write.processedKeys())
        .setProcessedVersionsSize(write.processedBytes() + data.processedBytes())
        .setTotalVersions(write.totalOperations())
        .setTotalVersionsSize(write.flowBytes() + data.flowBytes())
        .build();
  }
}
