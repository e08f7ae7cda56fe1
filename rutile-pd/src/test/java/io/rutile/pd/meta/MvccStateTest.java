package io.rutile.pd.meta;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import io.rutile.base.clock.ManualClock;
import io.rutile.proto.etcdserverpb.LeaseGrantRequest;
import io.rutile.proto.etcdserverpb.PutRequest;
import io.rutile.proto.etcdserverpb.RangeRequest;
import io.rutile.proto.etcdserverpb.RequestOp;
import io.rutile.proto.etcdserverpb.TxnRequest;
import io.rutile.proto.etcdserverpb.TxnResponse;
import io.rutile.proto.mvccpb.Event;
import io.rutile.proto.mvccpb.KeyValue;
import io.rutile.proto.pdmetapb.MetaSnapshot;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class MvccStateTest {
  private final ManualClock clock = new ManualClock(0);
  private final MvccState state = new MvccState(clock);
  private final List<MvccState.Change> changes = new ArrayList<>();

  private TxnResponse run(TxnRequest.Builder txn) {
    return state.txn(txn.build(), changes::add);
  }

  private long put(String key, String value) {
    run(TxnRequest.newBuilder().addSuccess(MetaKv.putOp(key, value.getBytes())));
    return state.revision();
  }

  private List<KeyValue> range(String key, String end, long revision) {
    return state
        .range(
            RangeRequest.newBuilder()
                .setKey(MetaKv.key(key))
                .setRangeEnd(MetaKv.key(end))
                .setRevision(revision)
                .build())
        .getKvsList();
  }

  @Test
  void countsRevisionsAndVersionsAsEtcdDoes() {
    assertThat(state.revision()).isEqualTo(1);
    assertThat(put("a", "1")).isEqualTo(2);
    assertThat(put("a", "2")).isEqualTo(3);
    KeyValue pair = range("a", "", 0).getFirst();
    assertThat(pair.getCreateRevision()).isEqualTo(2);
    assertThat(pair.getModRevision()).isEqualTo(3);
    assertThat(pair.getVersion()).isEqualTo(2);

    run(TxnRequest.newBuilder().addSuccess(MetaKv.deleteOp("absent")));
    assertThat(state.revision()).as("nothing was deleted").isEqualTo(3);
    run(TxnRequest.newBuilder().addSuccess(MetaKv.deleteOp("a")));
    assertThat(put("a", "3")).isEqualTo(5);
    assertThat(range("a", "", 0).getFirst().getVersion()).isEqualTo(1);
    assertThat(range("a", "", 3).getFirst().getValue().toStringUtf8()).isEqualTo("2");
    assertThat(range("a", "", 4)).isEmpty();
  }

  @Test
  void decidesBeforeItWritesAndSeesItsOwnWrites() {
    put("a", "1");
    TxnResponse response =
        run(
            TxnRequest.newBuilder()
                .addCompare(MetaKv.equalTo("a", "1".getBytes()))
                .addSuccess(MetaKv.putOp("a", "2".getBytes()))
                .addSuccess(
                    RequestOp.newBuilder()
                        .setRequestRange(RangeRequest.newBuilder().setKey(MetaKv.key("a"))))
                .addFailure(MetaKv.deleteOp("a")));
    assertThat(response.getSucceeded()).isTrue();
    assertThat(response.getResponses(1).getResponseRange().getKvs(0).getValue().toStringUtf8())
        .isEqualTo("2");
    assertThat(
            run(TxnRequest.newBuilder()
                    .addCompare(MetaKv.absent("a"))
                    .addSuccess(MetaKv.deleteOp("a")))
                .getSucceeded())
        .isFalse();
    assertThat(range("a", "", 0)).hasSize(1);
  }

  @Test
  void aRefusedTransactionChangesNothing() {
    put("a", "1");
    TxnRequest.Builder txn =
        TxnRequest.newBuilder()
            .addSuccess(MetaKv.putOp("b", new byte[0]))
            .addSuccess(
                RequestOp.newBuilder()
                    .setRequestPut(PutRequest.newBuilder().setKey(MetaKv.key("c")).setLease(9)));
    assertThatThrownBy(() -> run(txn)).isInstanceOf(MetaStoreException.class);
    assertThat(range("b", "", 0)).isEmpty();
    assertThat(state.revision()).isEqualTo(2);
  }

  @Test
  void aRevokedLeaseTakesItsKeysAlong() {
    state.grant(LeaseGrantRequest.newBuilder().setID(7).setTTL(10).build());
    run(
        TxnRequest.newBuilder()
            .addSuccess(
                RequestOp.newBuilder()
                    .setRequestPut(PutRequest.newBuilder().setKey(MetaKv.key("a")).setLease(7))));
    clock.advanceMillis(9_000);
    assertThat(state.leases().expired()).isEmpty();
    clock.advanceMillis(2_000);
    assertThat(state.leases().expired()).containsExactly(7L);

    state.revoke(7, changes::add);

    assertThat(range("a", "", 0)).isEmpty();
    assertThat(state.leases().exists(7)).isFalse();
    assertThat(changes).hasSize(2);
  }

  @Test
  void compactionForgetsOnlyWhatNobodyMayRead() {
    put("a", "1");
    put("a", "2");
    long kept = put("b", "1");
    state.compact(kept);

    assertThat(range("a", "", kept).getFirst().getValue().toStringUtf8()).isEqualTo("2");
    assertThatThrownBy(() -> range("a", "", kept - 1))
        .isInstanceOfSatisfying(
            MetaStoreException.class,
            e -> assertThat(e.kind()).isEqualTo(MetaStoreException.Kind.COMPACTED));
    assertThatThrownBy(() -> range("a", "", 99)).hasMessageContaining("future revision");
  }

  @Test
  void aWatchGetsItsPastAndThenTheFuture() {
    WatchRegistry watches = new WatchRegistry();
    put("p/1", "a");
    long second = put("p/2", "b");
    put("q", "c");
    List<Long> seen = new ArrayList<>();
    WatchListener listener =
        new WatchListener() {
          @Override
          public void events(long revision, List<Event> events) {
            seen.add(revision);
          }

          @Override
          public void compacted(long compactRevision) {
            seen.add(-compactRevision);
          }
        };
    watches.add(WatchSpec.prefix(ByteString.copyFromUtf8("p/"), second), listener, state);
    state.txn(TxnRequest.newBuilder().addSuccess(MetaKv.deleteOp("p/1")).build(), watches::publish);

    assertThat(seen).containsExactly(second, state.revision());
  }

  @Test
  void aSnapshotIsTheWholeState() {
    state.grant(LeaseGrantRequest.newBuilder().setID(7).setTTL(10).build());
    put("a", "1");
    put("b", "2");
    run(TxnRequest.newBuilder().addSuccess(MetaKv.deleteOp("a")));
    MetaSnapshot.Builder saved = MetaSnapshot.newBuilder();
    state.save(saved);

    MvccState copy = new MvccState(clock);
    copy.restore(saved.build());
    MetaSnapshot.Builder again = MetaSnapshot.newBuilder();
    copy.save(again);
    assertThat(again.build()).isEqualTo(saved.build());
  }
}
