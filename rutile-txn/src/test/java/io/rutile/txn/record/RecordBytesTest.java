package io.rutile.txn.record;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.rutile.base.error.CorruptionException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.function.Function;
import org.junit.jupiter.api.Test;

/** Records byte by byte, as they stand on TiKV's disks. */
class RecordBytesTest {
  private static final String LOCK_WITH_ALL =
      "50 04706b 0a ac02"
          + " 76 03 616263"
          + " 66 000000000000000b"
          + " 74 0000000000000003"
          + " 63 000000000000000c"
          + " 61 02 0261 046262"
          + " 72 02 0000000000000005 0000000000000006"
          + " 6c 0000000000000007 02"
          + " 73 c801"
          + " 46"
          + " 67 0000000000000001";

  private static final String WRITE_WITH_ALL =
      "50 0a 76 01 61 52 46 0000000000000014 6c 0000000000000007 02 53 c801";

  private static byte[] bytes(String hex) {
    return HexFormat.of().parseHex(hex.replace(" ", ""));
  }

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static void assertLock(String hex, LockRecord lock) {
    assertThat(lock.encode()).isEqualTo(bytes(hex));
    assertThat(LockCodec.decode(bytes(hex)).encode()).isEqualTo(bytes(hex));
  }

  private static void assertWrite(String hex, Write write) {
    assertThat(write.encode()).isEqualTo(bytes(hex));
    assertThat(WriteCodec.decode(bytes(hex))).isEqualTo(write);
  }

  @Test
  void lockWithEveryField() {
    assertLock(
        LOCK_WITH_ALL,
        Lock.builder(LockType.PUT, utf8("pk"), 10)
            .ttl(300)
            .shortValue(utf8("abc"))
            .forUpdateTs(11)
            .txnSize(3)
            .minCommitTs(12)
            .asyncCommit(List.of(utf8("a"), utf8("bb")))
            .rollbackTs(new long[] {5, 6})
            .lastChange(new LastChange.Exist(7, 2))
            .txnSource(200)
            .lockedWithConflict(true)
            .generation(1)
            .build());
  }

  @Test
  void locksWithFewFields() {
    assertLock("44 04706b 0a 00", Lock.builder(LockType.DELETE, utf8("pk"), 10).build());
    assertLock(
        "53 026b 0a 00 66 000000000000000a",
        Lock.builder(LockType.PESSIMISTIC, utf8("k"), 10).forUpdateTs(10).build());
    assertLock(
        "4c 026b 0a 00 6c 0000000000000000 01",
        Lock.builder(LockType.LOCK, utf8("k"), 10).lastChange(LastChange.NOT_EXIST).build());
    assertLock(
        "50 026b 0a 00 76 00 61 00",
        Lock.builder(LockType.PUT, utf8("k"), 10)
            .shortValue(new byte[0])
            .asyncCommit(List.of())
            .build());
  }

  @Test
  void lockInMemoryOnlyIsMarkedInMemoryOnly() {
    Lock lock = Lock.builder(LockType.PUT, utf8("k"), 10).useOnePc(true).build();
    assertThat(lock.encode()).isEqualTo(bytes("50 026b 0a 00"));
  }

  @Test
  void decoderEndsAtWhatItDoesNotKnow() {
    Lock plain = Lock.builder(LockType.PUT, utf8("k"), 10).ttl(3).build();
    assertThat(LockCodec.decode(bytes("50 026b 0a 03 7a ffff"))).isEqualTo(plain);
    assertThat(WriteCodec.decode(bytes("44 0a 7a ffff")))
        .isEqualTo(new Write(WriteType.DELETE, 10, null));
  }

  @Test
  void recordsOfBeforeTheTimeToLive() {
    assertThat(LockCodec.decode(bytes("50 026b 0a")))
        .isEqualTo(Lock.builder(LockType.PUT, utf8("k"), 10).build());
  }

  @Test
  void sharedLocks() {
    Lock member = Lock.builder(LockType.PESSIMISTIC, utf8("k"), 10).forUpdateTs(10).build();
    String encoded = "1c 53 026b 0a 00 66 000000000000000a";
    assertLock("48 68 01 " + encoded, new SharedLocks(false, List.of(member)));
    assertLock("48 69 01 68 01 " + encoded, new SharedLocks(true, List.of(member)));
  }

  @Test
  void writes() {
    assertWrite("50 0a 76 01 61", new Write(WriteType.PUT, 10, utf8("a")));
    assertWrite("44 0a", new Write(WriteType.DELETE, 10, null));
    assertWrite("4c 0a", new Write(WriteType.LOCK, 10, null));
    assertWrite("52 0a", Write.rollback(10, false));
    assertWrite("52 0a 76 01 70", Write.rollback(10, true));
    assertWrite(
        "50 0a 52 46 0000000000000000",
        new Write(WriteType.PUT, 10, null).withOverlappedRollback(0L));
    assertWrite(
        WRITE_WITH_ALL,
        new Write(WriteType.PUT, 10, utf8("a"), true, 20L, new LastChange.Exist(7, 2), 200));
  }

  @Test
  void whatIsNoRecordIsCalledCorrupt() {
    assertThatThrownBy(() -> LockCodec.decode(bytes("58 026b 0a")))
        .isInstanceOf(CorruptionException.class);
    assertThatThrownBy(() -> WriteCodec.decode(bytes("58 0a")))
        .isInstanceOf(CorruptionException.class);
    assertThatThrownBy(() -> LockCodec.decode(bytes("48 69 01")))
        .isInstanceOf(CorruptionException.class);
  }

  @Test
  void recordsCutOffAnywhereAreRefusedOrShorter() {
    cutEverywhere(bytes(LOCK_WITH_ALL), cut -> LockCodec.decode(cut).encode());
    cutEverywhere(bytes(WRITE_WITH_ALL), cut -> WriteCodec.decode(cut).encode());
  }

  private static void cutEverywhere(byte[] record, Function<byte[], byte[]> recode) {
    int refused = 0;
    for (int length = 0; length < record.length; length++) {
      byte[] cut = Arrays.copyOf(record, length);
      try {
        assertThat(recode.apply(cut).length).as("cut at %d", length).isLessThan(record.length);
      } catch (CorruptionException expected) {
        refused++;
      }
    }
    assertThat(refused).isPositive();
  }
}
