package io.rutile.client.pd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.rutile.base.clock.Clock;
import io.rutile.proto.metapb.Region;
import io.rutile.proto.metapb.Store;
import io.rutile.proto.pdpb.RegionHeartbeatRequest;
import io.rutile.proto.pdpb.RegionHeartbeatResponse;
import io.rutile.rpc.channel.ChannelOptions;
import io.rutile.rpc.channel.ChannelPool;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class GrpcPdClientTest {
  private final ChannelPool channels = new ChannelPool(ChannelOptions.DEFAULT);
  private FakePd pd;
  private GrpcPdClient client;

  @BeforeEach
  void connect() throws Exception {
    pd = new FakePd(3);
    client = GrpcPdClient.connect(channels, pd.endpoints(), Clock.system(), Duration.ofSeconds(10));
  }

  @AfterEach
  void close() {
    client.close();
    channels.close();
    pd.close();
  }

  @Test
  void knowsItsClusterAndLeader() {
    assertThat(client.clusterId()).isEqualTo(FakePd.CLUSTER);
    assertThat(client.leaderAddress()).isEqualTo(pd.endpoints().get(0));
  }

  @Test
  void concurrentTimestampsShareRequestsAndNeverRepeat() {
    List<CompletableFuture<Long>> pending = new ArrayList<>();
    for (int i = 0; i < 20_000; i++) {
      pending.add(client.tso());
    }
    Set<Long> seen = new HashSet<>();
    long previous = 0;
    for (CompletableFuture<Long> one : pending) {
      long timestamp = one.join();
      assertThat(timestamp).isGreaterThan(previous);
      previous = timestamp;
      seen.add(timestamp);
    }
    assertThat(seen).hasSize(20_000);
    assertThat(pd.tsoRequests.get()).isLessThan(10_000);
  }

  /** Until there is a new leader the others name the old one: nobody waits for that one again. */
  @Test
  void aLeaderThatDoesNotAnswerIsGivenUp() throws Exception {
    long before = client.tso().join();
    int discoveries = pd.discoveries.get();
    pd.hushLeader();
    int requests = pd.tsoRequests.get();
    CompletableFuture<Long> waiting = client.tso();
    while (pd.discoveries.get() <= discoveries + 6) {
      LockSupport.parkNanos(1_000_000);
    }
    assertThat(pd.tsoRequests.get()).as("requests to the silent leader").isEqualTo(requests + 1);
    pd.electAnother(1);
    assertThat(waiting.get(5, TimeUnit.SECONDS)).isGreaterThan(before);
    assertThat(client.leaderAddress()).isEqualTo(pd.endpoints().get(1));
  }

  @Test
  void aBatchIsOneRangeOfTimestamps() {
    TsoRange range = client.tsoBatch(100).join();
    assertThat(range.last() - range.first()).isEqualTo(99);
    assertThat(client.tso().join()).isGreaterThan(range.last());
  }

  @Test
  void timestampsGoOnAfterTheLeaderMoves() {
    long before = client.tso().join();
    pd.lead(2);
    assertThat(client.tso().join()).isGreaterThan(before);
    assertThat(client.leaderAddress()).isEqualTo(pd.endpoints().get(2));
  }

  @Test
  void aRequestIsRepeatedOnTheNewLeader() {
    assertThat(client.allocId(10).join()).isEqualTo(1);
    pd.lead(1);
    assertThat(client.allocId(5).join()).isEqualTo(11);
  }

  @Test
  void aRequestWaitsForALeader() throws Exception {
    pd.forgetLeader(true);
    pd.lead(1);
    CompletableFuture<Long> id = client.allocId(1);
    assertThatThrownBy(() -> id.get(300, TimeUnit.MILLISECONDS))
        .isInstanceOf(java.util.concurrent.TimeoutException.class);
    pd.forgetLeader(false);
    assertThat(id.get(10, TimeUnit.SECONDS)).isEqualTo(1);
  }

  @Test
  void anErrorOfTheHeaderIsTyped() {
    assertThatThrownBy(() ->
            PdClient.await(
                client.bootstrap(Store.getDefaultInstance(), Region.getDefaultInstance())))
        .isInstanceOfSatisfying(
            PdException.class,
            e -> assertThat(e.kind()).isEqualTo(PdException.Kind.ALREADY_BOOTSTRAPPED))
        .hasMessageContaining("already bootstrapped");
  }

  @Test
  void anRpcThatPdLacksIsTyped() {
    assertThatThrownBy(() -> PdClient.await(client.getGcSafePoint()))
        .isInstanceOfSatisfying(
            PdException.class, e -> assertThat(e.kind()).isEqualTo(PdException.Kind.UNIMPLEMENTED));
  }

  @Test
  void nobodyAnsweringIsAnError() {
    pd.close();
    assertThatThrownBy(() ->
            GrpcPdClient.connect(
                channels, List.of("127.0.0.1:1"), Clock.system(), Duration.ofMillis(300)))
        .isInstanceOfSatisfying(
            PdException.class, e -> assertThat(e.kind()).isEqualTo(PdException.Kind.UNAVAILABLE));
  }

  @Test
  void heartbeatsGoOutAndOrdersComeIn() throws Exception {
    LinkedBlockingQueue<RegionHeartbeatResponse> orders = new LinkedBlockingQueue<>();
    CountDownLatch connected = new CountDownLatch(1);
    try (RegionHeartbeats heartbeats =
        client.regionHeartbeats(
            new RegionHeartbeats.Listener() {
              @Override
              public void onOrder(RegionHeartbeatResponse order) {
                orders.add(order);
              }

              @Override
              public void onConnected() {
                connected.countDown();
              }
            })) {
      assertThat(connected.await(10, TimeUnit.SECONDS)).isTrue();
      assertThat(
              heartbeats.send(
                  RegionHeartbeatRequest.newBuilder()
                      .setRegion(Region.newBuilder().setId(9))
                      .build()))
          .isTrue();
      assertThat(orders.poll(10, TimeUnit.SECONDS).getRegionId()).isEqualTo(9);
      assertThat(pd.heartbeats.get(0).getHeader().getClusterId()).isEqualTo(FakePd.CLUSTER);
    }
  }

  @Test
  void closingEndsWhatWaits() {
    pd.forgetLeader(true);
    pd.lead(1);
    CompletableFuture<Long> pending = client.tso();
    client.close();
    assertThatThrownBy(() -> PdClient.await(pending))
        .isInstanceOfSatisfying(
            PdException.class, e -> assertThat(e.kind()).isEqualTo(PdException.Kind.CLOSED));
  }
}
