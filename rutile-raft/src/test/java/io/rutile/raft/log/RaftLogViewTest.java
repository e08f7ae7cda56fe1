package io.rutile.raft.log;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.rutile.proto.eraftpb.ConfState;
import io.rutile.proto.eraftpb.Entry;
import io.rutile.proto.eraftpb.Snapshot;
import io.rutile.proto.eraftpb.SnapshotMetadata;
import io.rutile.raft.golden.MemoryStorage;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class RaftLogViewTest {
  private static Entry entry(long term, long index) {
    return Entry.newBuilder().setTerm(term).setIndex(index).build();
  }

  private static Snapshot snapshot(long term, long index) {
    return Snapshot.newBuilder()
        .setMetadata(SnapshotMetadata.newBuilder().setTerm(term).setIndex(index))
        .build();
  }

  private static RaftLogView empty() {
    return new RaftLogView(new MemoryStorage(), 0, 0);
  }

  @Test
  void aLogThatLostCommittedEntriesDoesNotOpen() {
    assertThatThrownBy(() -> new RaftLogView(new MemoryStorage(), 5, 0))
        .isInstanceOf(RaftInvariantException.class)
        .hasMessageContaining("ends at 0");
    assertThatThrownBy(() -> new RaftLogView(new MemoryStorage(), 0, 3))
        .isInstanceOf(RaftInvariantException.class);
  }

  @Test
  void committedEntriesAreNeverReplaced() {
    RaftLogView log = empty();
    log.tryAppend(0, 0, List.of(entry(1, 1), entry(1, 2)));
    log.commitTo(2);
    assertThatThrownBy(() -> log.tryAppend(1, 1, List.of(entry(2, 2))))
        .isInstanceOf(RaftInvariantException.class)
        .hasMessageContaining("conflicts with a committed entry");
  }

  @Test
  void commitStaysWithinTheLogAndNeverGoesBack() {
    RaftLogView log = empty();
    log.tryAppend(0, 0, List.of(entry(1, 1), entry(1, 2)));
    log.commitTo(2);
    log.commitTo(1);
    assertThat(log.committed()).isEqualTo(2);
    assertThatThrownBy(() -> log.commitTo(3)).isInstanceOf(RaftInvariantException.class);
  }

  @Test
  void aReportOfDurabilityVouchesOnlyForWhatIsStillThere() {
    RaftLogView log = empty();
    log.tryAppend(0, 0, List.of(entry(1, 1), entry(1, 2), entry(1, 3)));
    log.handedOver(1);
    log.tryAppend(1, 1, List.of(entry(2, 2), entry(2, 3)));
    log.handedOver(2);
    assertThat(log.onPersisted(1)).isTrue();
    assertThat(log.persisted()).isEqualTo(1);
    assertThat(log.onPersisted(2)).isTrue();
    assertThat(log.persisted()).isEqualTo(3);
  }

  @Test
  void aReportDoesNotVouchForTheSameEntryAfterASnapshotBelowIt() {
    RaftLogView log = empty();
    log.tryAppend(0, 0, List.of(entry(1, 1), entry(1, 2), entry(1, 3)));
    log.handedOver(1);
    log.restore(snapshot(1, 2));
    log.tryAppend(2, 1, List.of(entry(1, 3)));
    log.onPersisted(1);
    assertThat(log.hasPendingSnapshot()).isTrue();
    log.handedOver(2);
    log.onPersisted(2);
    assertThat(log.hasPendingSnapshot()).isFalse();
    assertThat(log.persisted()).isEqualTo(3);
  }

  @Test
  void ofTwoSnapshotsAtOneIndexTheOneInTheLogCounts() {
    RaftLogView log = empty();
    log.restore(snapshot(1, 5));
    log.handedOver(1);
    log.restore(snapshot(1, 5));
    log.onPersisted(1);
    assertThat(log.hasPendingSnapshot()).isTrue();
    log.handedOver(2);
    log.onPersisted(2);
    assertThat(log.hasPendingSnapshot()).isFalse();
  }

  @Test
  void nothingIsAppliedWhileASnapshotIsWritten() {
    RaftLogView log = empty();
    log.restore(snapshot(1, 5));
    log.tryAppend(5, 1, List.of(entry(1, 6)));
    log.commitTo(6);
    assertThat(log.hasEntriesToApply()).isFalse();
    assertThat(log.persisted()).isZero();
  }

  /** Random appends, cuts, slow writes and restarts against a plain list. */
  @Test
  void agreesWithAPlainListUnderRandomUse() {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    for (int run = 0; run < 200; run++) {
      randomRun(random, seed);
    }
  }

  private record Write(long number, List<Entry> entries) {}

  private static void randomRun(Random random, long seed) {
    MemoryStorage disk =
        MemoryStorage.startingAt(0, 0, ConfState.newBuilder().addVoters(1).build());
    RaftLogView log = new RaftLogView(disk, 0, 0);
    List<Entry> model = new ArrayList<>();
    ArrayDeque<Write> writes = new ArrayDeque<>();
    long committed = 0;
    long term = 1;
    long number = 0;
    for (int step = 0; step < 300; step++) {
      switch (random.nextInt(5)) {
        case 0 -> {
          int keep = (int) committed + random.nextInt(model.size() - (int) committed + 1);
          term++;
          List<Entry> added = new ArrayList<>();
          for (int i = 0; i < 1 + random.nextInt(4); i++) {
            added.add(entry(term, keep + 1 + i));
          }
          long prevTerm = keep == 0 ? 0 : model.get(keep - 1).getTerm();
          assertThat(log.tryAppend(keep, prevTerm, added)).as("seed %d", seed).isTrue();
          model.subList(keep, model.size()).clear();
          model.addAll(added);
        }
        case 1 -> {
          List<Entry> unwritten = log.entriesToWrite();
          log.handedOver(++number);
          writes.add(new Write(number, unwritten));
        }
        case 2 -> {
          if (!writes.isEmpty()) {
            Write write = writes.remove();
            if (!write.entries().isEmpty()) {
              disk.append(write.entries());
            }
            log.onPersisted(write.number());
          }
        }
        case 3 -> {
          committed += random.nextInt(model.size() - (int) committed + 1);
          log.commitTo(committed);
        }
        default -> log.entriesToApply(20);
      }
      check(log, model, disk, seed);
    }
  }

  private static void check(RaftLogView log, List<Entry> model, MemoryStorage disk, long seed) {
    assertThat(log.lastIndex()).as("seed %d", seed).isEqualTo(model.size());
    List<Entry> read = new ArrayList<>();
    while (read.size() < model.size()) {
      read.addAll(log.entries(read.size() + 1, 30));
    }
    assertThat(read).as("seed %d", seed).isEqualTo(model);
    assertThat(disk.allEntries().subList(0, (int) log.persisted()))
        .as("seed %d: what is reported durable is on the disk", seed)
        .isEqualTo(model.subList(0, (int) log.persisted()));
  }
}
