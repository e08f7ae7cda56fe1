package io.rutile.txn.deadlock;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.rutile.base.clock.ManualTimers;
import io.rutile.proto.deadlock.DeadlockRequest;
import io.rutile.proto.deadlock.DeadlockRequestType;
import io.rutile.proto.deadlock.DeadlockResponse;
import io.rutile.proto.deadlock.WaitForEntry;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class DeadlockDetectorTest {
  private final ManualTimers clock = new ManualTimers(0);
  private final List<DeadlockResponse> found = new ArrayList<>();

  private DeadlockDetector leader() {
    DeadlockDetector detector =
        new DeadlockDetector(DeadlockTransport.NONE, clock, Duration.ofSeconds(1));
    detector.onDeadlock(found::add);
    detector.setLeader(true);
    return detector;
  }

  private static WaitForEntry wait(long txn, long waitFor, long hash) {
    return WaitForEntry.newBuilder()
        .setTxn(txn)
        .setWaitForTxn(waitFor)
        .setKeyHash(hash)
        .setKey(ByteString.copyFromUtf8("k" + hash))
        .build();
  }

  @Test
  void keyHashIsFarmHashFingerprint64() {
    assertThat(KeyHash.of("".getBytes())).isEqualTo(0x9AE16A3B2F90404FL);
  }

  @Test
  void aCycleIsReportedAndItsLastWaitIsNotKept() {
    DeadlockDetector detector = leader();
    detector.detect(wait(1, 2, 12));
    detector.detect(wait(2, 3, 23));
    detector.detect(wait(3, 1, 31));
    assertThat(found).hasSize(1);
    assertThat(found.getFirst().getDeadlockKeyHash()).isEqualTo(23);
    assertThat(found.getFirst().getWaitChainList()).containsExactly(wait(1, 2, 12), wait(2, 3, 23));
    detector.detect(wait(2, 1, 21));
    assertThat(found).hasSize(2);
  }

  @Test
  void waitsGrowOldUnlessReportedAgain() {
    DeadlockDetector detector = leader();
    detector.detect(wait(1, 2, 12));
    detector.detect(wait(3, 4, 34));
    clock.advanceNanos(TimeUnit.MILLISECONDS.toNanos(800));
    detector.detect(wait(3, 4, 34));
    clock.advanceNanos(TimeUnit.MILLISECONDS.toNanos(800));
    detector.detect(wait(2, 1, 21));
    assertThat(found).isEmpty();
    detector.detect(wait(4, 3, 43));
    assertThat(found).hasSize(1);
  }

  @Test
  void aLongerTimeToLiveHoldsForWaitsOfBefore() {
    DeadlockDetector detector = leader();
    detector.detect(wait(1, 2, 12));
    detector.setTtl(Duration.ofSeconds(10));
    clock.advanceNanos(TimeUnit.SECONDS.toNanos(5));
    detector.detect(wait(2, 1, 21));
    assertThat(found).hasSize(1);
  }

  @Test
  void aWaitForSeveralKeysLastsUntilTheLastIsTakenBack() {
    DeadlockDetector detector = leader();
    detector.detect(wait(1, 2, 5));
    detector.detect(wait(1, 2, 6));
    detector.cleanUpWaitFor(wait(1, 2, 5));
    detector.detect(wait(2, 1, 7));
    assertThat(found).hasSize(1);
    detector.cleanUpWaitFor(wait(1, 2, 6));
    detector.detect(wait(2, 1, 7));
    assertThat(found).hasSize(1);
  }

  @Test
  void cleanUpForgetsATransactionAndANewLeadershipForgetsAll() {
    DeadlockDetector detector = leader();
    detector.detect(wait(1, 2, 12));
    detector.handle(
        DeadlockRequest.newBuilder()
            .setTp(DeadlockRequestType.CleanUp)
            .setEntry(wait(1, 0, 0))
            .build());
    detector.detect(wait(2, 1, 21));
    assertThat(found).isEmpty();
    detector.setLeader(false);
    detector.setLeader(true);
    detector.detect(wait(1, 2, 12));
    assertThat(found).isEmpty();
  }

  @Test
  void otherStoresReportToTheLeaderOverOneStreamAndOpenANewOneWhenItEnds() {
    DeadlockDetector leader = leader();
    List<DeadlockTransport.Listener> streams = new ArrayList<>();
    DeadlockTransport transport =
        listener -> {
          streams.add(listener);
          return new DeadlockTransport.Session() {
            @Override
            public void send(DeadlockRequest request) {
              leader.handle(request).ifPresent(listener::onDeadlock);
            }

            @Override
            public void close() {
              listener.onClosed();
            }
          };
        };
    List<DeadlockResponse> told = new ArrayList<>();
    DeadlockDetector follower = new DeadlockDetector(transport, clock, Duration.ofSeconds(1));
    follower.onDeadlock(told::add);
    follower.detect(wait(1, 2, 12));
    follower.detect(wait(2, 1, 21));
    assertThat(streams).hasSize(1);
    assertThat(told).hasSize(1);
    assertThat(told.getFirst().getEntry()).isEqualTo(wait(2, 1, 21));
    streams.getFirst().onClosed();
    follower.detect(wait(2, 1, 21));
    assertThat(streams).hasSize(2);
    assertThat(told).hasSize(2);
  }
}
