package io.rutile.pd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import io.etcd.jetcd.ByteSequence;
import io.etcd.jetcd.Client;
import io.etcd.jetcd.KV;
import io.etcd.jetcd.KeyValue;
import io.etcd.jetcd.Watch;
import io.etcd.jetcd.common.exception.CompactedException;
import io.etcd.jetcd.kv.TxnResponse;
import io.etcd.jetcd.lease.LeaseKeepAliveResponse;
import io.etcd.jetcd.op.Cmp;
import io.etcd.jetcd.op.CmpTarget;
import io.etcd.jetcd.op.Op;
import io.etcd.jetcd.options.DeleteOption;
import io.etcd.jetcd.options.GetOption;
import io.etcd.jetcd.options.LeaseOption;
import io.etcd.jetcd.options.PutOption;
import io.etcd.jetcd.options.WatchOption;
import io.etcd.jetcd.watch.WatchEvent;
import io.grpc.stub.StreamObserver;
import io.rutile.proto.pdpb.PDGrpc;
import io.rutile.proto.pdpb.UpdateServiceGCSafePointRequest;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The official etcd client for Java on three PD members: keys, transactions, leases, watches,
 * members. It spreads its calls over all of them, so most writes arrive at one that does not lead.
 */
class EtcdClientTest {
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  @TempDir static Path directory;
  private static PdGroup group;
  private static Client client;
  private static KV kv;

  @BeforeAll
  static void start() {
    group = PdGroup.start(directory, 3);
    client =
        Client.builder()
            .endpoints(group.members().stream().map(PdServer::clientUrl).toArray(String[]::new))
            .build();
    kv = client.getKVClient();
  }

  @AfterAll
  static void stop() {
    client.close();
    group.close();
  }

  private static ByteSequence bytes(String text) {
    return ByteSequence.from(text, StandardCharsets.UTF_8);
  }

  private static <T> T get(CompletableFuture<T> future) throws Exception {
    return future.get(20, TimeUnit.SECONDS);
  }

  private static List<String> texts(List<KeyValue> pairs) {
    return pairs.stream().map(pair -> pair.getKey() + "=" + pair.getValue()).toList();
  }

  @Test
  void keysHaveRevisionsAndOrders() throws Exception {
    long first = get(kv.put(bytes("kv/a"), bytes("1"))).getHeader().getRevision();
    get(kv.put(bytes("kv/b"), bytes("2")));
    var replaced = get(kv.put(bytes("kv/a"), bytes("3"), PutOption.builder().withPrevKV().build()));
    assertThat(replaced.getPrevKv().getValue()).isEqualTo(bytes("1"));
    get(kv.put(bytes("kv/c"), bytes("4")));

    KeyValue a = get(kv.get(bytes("kv/a"))).getKvs().getFirst();
    assertThat(a.getCreateRevision()).isEqualTo(first);
    assertThat(a.getModRevision()).isGreaterThan(first);
    assertThat(a.getVersion()).isEqualTo(2);
    assertThat(
            texts(
                get(kv.get(bytes("kv/a"), GetOption.builder().withRevision(first).build()))
                    .getKvs()))
        .containsExactly("kv/a=1");

    GetOption newest =
        GetOption.builder()
            .isPrefix(true)
            .withSortField(GetOption.SortTarget.MOD)
            .withSortOrder(GetOption.SortOrder.DESCEND)
            .withLimit(2)
            .build();
    var page = get(kv.get(bytes("kv/"), newest));
    assertThat(texts(page.getKvs())).containsExactly("kv/c=4", "kv/a=3");
    assertThat(page.isMore()).isTrue();
    assertThat(page.getCount()).isEqualTo(3);

    var deleted =
        get(
            kv.delete(
                bytes("kv/"), DeleteOption.builder().isPrefix(true).withPrevKV(true).build()));
    assertThat(deleted.getDeleted()).isEqualTo(3);
    assertThat(texts(deleted.getPrevKvs())).containsExactly("kv/a=3", "kv/b=2", "kv/c=4");
    assertThat(get(kv.get(bytes("kv/a"))).getKvs()).isEmpty();
    assertThatThrownBy(() -> get(kv.put(bytes(""), bytes("x"))))
        .hasMessageContaining("etcdserver: key is not provided");
  }

  @Test
  void transactionsDecideOnce() throws Exception {
    ByteSequence owner = bytes("txn/owner");
    int winners = 0;
    List<CompletableFuture<TxnResponse>> campaigns = new ArrayList<>();
    for (int i = 0; i < 8; i++) {
      campaigns.add(
          kv.txn()
              .If(new Cmp(owner, Cmp.Op.EQUAL, CmpTarget.version(0)))
              .Then(Op.put(owner, bytes("candidate-" + i), PutOption.DEFAULT))
              .Else(Op.get(owner, GetOption.DEFAULT))
              .commit());
    }
    for (CompletableFuture<TxnResponse> campaign : campaigns) {
      winners += get(campaign).isSucceeded() ? 1 : 0;
    }
    assertThat(winners).isEqualTo(1);
    assertThatThrownBy(() ->
            get(
                kv.txn()
                    .Then(
                        Op.put(owner, bytes("x"), PutOption.DEFAULT),
                        Op.put(owner, bytes("y"), PutOption.DEFAULT))
                    .commit()))
        .hasMessageContaining("etcdserver: duplicate key given in txn request");
  }

  @Test
  void leasesEndUnlessTheyAreKept() throws Exception {
    var leases = client.getLeaseClient();
    long kept = get(leases.grant(5)).getID();
    long left = get(leases.grant(5)).getID();
    get(kv.put(bytes("lease/kept"), bytes("1"), PutOption.builder().withLeaseId(kept).build()));
    get(kv.put(bytes("lease/left"), bytes("1"), PutOption.builder().withLeaseId(left).build()));
    var silent =
        new StreamObserver<LeaseKeepAliveResponse>() {
          @Override
          public void onNext(LeaseKeepAliveResponse response) {}

          @Override
          public void onError(Throwable failure) {}

          @Override
          public void onCompleted() {}
        };
    try (var keeping = leases.keepAlive(kept, silent)) {
      var alive = get(leases.timeToLive(kept, LeaseOption.builder().withAttachedKeys().build()));
      assertThat(alive.getGrantedTTL()).isEqualTo(5);
      assertThat(alive.getTTL()).isBetween(0L, 5L);
      assertThat(alive.getKeys()).containsExactly(bytes("lease/kept"));
      Awaitility.await()
          .atMost(PATIENCE)
          .until(() -> get(kv.get(bytes("lease/left"))).getKvs().isEmpty());
      assertThat(get(kv.get(bytes("lease/kept"))).getKvs()).hasSize(1);
    }
    assertThat(get(leases.timeToLive(left, LeaseOption.DEFAULT)).getTTL()).isEqualTo(-1);
    get(leases.revoke(kept));
    assertThat(get(kv.get(bytes("lease/kept"))).getKvs()).isEmpty();
    assertThatThrownBy(() ->
            get(
                kv.put(
                    bytes("lease/x"), bytes("1"), PutOption.builder().withLeaseId(left).build())))
        .hasMessageContaining("etcdserver: requested lease not found");
  }

  @Test
  void watchesResumeWhereTheyWereAndAreToldOfCompaction() throws Exception {
    long first = get(kv.put(bytes("watch/a"), bytes("1"))).getHeader().getRevision();
    get(kv.put(bytes("watch/b"), bytes("2")));
    LinkedBlockingQueue<WatchEvent> events = new LinkedBlockingQueue<>();
    WatchOption from =
        WatchOption.builder().isPrefix(true).withRevision(first).withPrevKV(true).build();
    try (Watch.Watcher watcher =
        client
            .getWatchClient()
            .watch(bytes("watch/"), from, response -> events.addAll(response.getEvents()))) {
      assertThat(event(events)).isEqualTo("PUT watch/a=1");
      assertThat(event(events)).isEqualTo("PUT watch/b=2");
      get(kv.put(bytes("watch/a"), bytes("3")));
      get(kv.put(bytes("elsewhere"), bytes("x")));
      get(kv.delete(bytes("watch/b")));
      assertThat(event(events)).isEqualTo("PUT watch/a=3 after 1");
      assertThat(event(events)).isEqualTo("DELETE watch/b= after 2");
    }

    long now = get(kv.put(bytes("watch/a"), bytes("4"))).getHeader().getRevision();
    get(kv.compact(now));
    assertThatThrownBy(
            () -> get(kv.get(bytes("watch/a"), GetOption.builder().withRevision(first).build())))
        .isInstanceOf(ExecutionException.class)
        .hasMessageContaining("etcdserver: mvcc: required revision has been compacted");
    CompletableFuture<Throwable> refused = new CompletableFuture<>();
    try (Watch.Watcher watcher =
        client
            .getWatchClient()
            .watch(
                bytes("watch/"),
                WatchOption.builder().isPrefix(true).withRevision(first).build(),
                Watch.listener(response -> {}, refused::complete))) {
      assertThat(get(refused))
          .isInstanceOfSatisfying(
              CompactedException.class, e -> assertThat(e.getCompactedRevision()).isEqualTo(now));
    }
  }

  private static String event(LinkedBlockingQueue<WatchEvent> events) throws Exception {
    WatchEvent event = events.poll(20, TimeUnit.SECONDS);
    assertThat(event).as("an event").isNotNull();
    String before = event.getPrevKV().getValue().toString();
    return event.getEventType()
        + " "
        + event.getKeyValue().getKey()
        + "="
        + event.getKeyValue().getValue()
        + (before.isEmpty() ? "" : " after " + before);
  }

  @Test
  void membersAndStatusAreTold() throws Exception {
    var members = get(client.getClusterClient().listMember()).getMembers();
    assertThat(members.stream().map(member -> member.getName()).sorted())
        .containsExactly("pd1", "pd2", "pd3");
    PdServer leader = group.leader();
    for (PdServer member : group.members()) {
      var status = get(client.getMaintenanceClient().statusMember(member.clientUrl()));
      assertThat(status.getLeader()).isEqualTo(leader.memberId());
      assertThat(status.getHeader().getMemberId()).isEqualTo(member.memberId());
    }
  }

  /** TiDB and others read it here when they do not ask PD by gRPC. */
  @Test
  void theSafePointIsTheOneOfPd() throws Exception {
    long point = group.timestamp();
    PDGrpc.newBlockingStub(group.channel(group.leader()))
        .updateServiceGCSafePoint(
            UpdateServiceGCSafePointRequest.newBuilder()
                .setHeader(group.header())
                .setServiceId(ByteString.copyFromUtf8("gc_worker"))
                .setTTL(Long.MAX_VALUE)
                .setSafePoint(point)
                .build());
    assertThat(texts(get(kv.get(bytes("/tidb/store/gcworker/saved_safe_point"))).getKvs()))
        .containsExactly("/tidb/store/gcworker/saved_safe_point=" + Long.toUnsignedString(point));
  }
}
