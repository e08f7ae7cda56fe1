package io.rutile.pd.meta;

import com.google.protobuf.ByteString;
import io.rutile.proto.etcdserverpb.Compare;
import io.rutile.proto.etcdserverpb.DeleteRangeRequest;
import io.rutile.proto.etcdserverpb.DeleteRangeResponse;
import io.rutile.proto.etcdserverpb.PutRequest;
import io.rutile.proto.etcdserverpb.PutResponse;
import io.rutile.proto.etcdserverpb.RangeRequest;
import io.rutile.proto.etcdserverpb.RequestOp;
import io.rutile.proto.etcdserverpb.ResponseOp;
import io.rutile.proto.etcdserverpb.TxnRequest;
import io.rutile.proto.etcdserverpb.TxnResponse;
import io.rutile.proto.mvccpb.Event;
import io.rutile.proto.mvccpb.KeyValue;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One transaction being applied. All comparisons, nested ones too, are decided on the state before
 * it; then everything that can be refused is checked; only then it writes, so that a refused one
 * changes nothing. Writes of one transaction share one revision, and its later reads see them.
 *
 * <p>Owned by: the applying thread.
 */
final class TxnRun {
  private final MvccState state;
  private final long revision;
  private final List<Event> events = new ArrayList<>();
  private final Map<TxnRequest, Boolean> decisions = new IdentityHashMap<>();

  TxnRun(MvccState state, long revision) {
    this.state = state;
    this.revision = revision;
  }

  long revision() {
    return revision;
  }

  List<Event> events() {
    return events;
  }

  TxnResponse execute(TxnRequest request) {
    decide(request);
    check(request);
    return run(request);
  }

  private void decide(TxnRequest request) {
    boolean succeeded = request.getCompareList().stream().allMatch(this::holds);
    decisions.put(request, succeeded);
    for (RequestOp op : chosen(request)) {
      if (op.hasRequestTxn()) {
        decide(op.getRequestTxn());
      }
    }
  }

  private List<RequestOp> chosen(TxnRequest request) {
    return Boolean.TRUE.equals(decisions.get(request))
        ? request.getSuccessList()
        : request.getFailureList();
  }

  private boolean holds(Compare compare) {
    List<KeyValue> pairs = new ArrayList<>();
    state.forEach(compare.getKey(), compare.getRangeEnd(), revision - 1, pairs::add);
    if (pairs.isEmpty()) {
      return compare.getTarget() != Compare.CompareTarget.VALUE
          && holds(compare, KeyValue.getDefaultInstance());
    }
    return pairs.stream().allMatch(pair -> holds(compare, pair));
  }

  private static boolean holds(Compare compare, KeyValue pair) {
    int order =
        switch (compare.getTarget()) {
          case VERSION -> Long.compare(pair.getVersion(), compare.getVersion());
          case CREATE -> Long.compare(pair.getCreateRevision(), compare.getCreateRevision());
          case MOD -> Long.compare(pair.getModRevision(), compare.getModRevision());
          case VALUE -> KeyRanges.ORDER.compare(pair.getValue(), compare.getValue());
          case LEASE -> Long.compare(pair.getLease(), compare.getLease());
          case UNRECOGNIZED -> throw invalid("etcdserver: unknown comparison target");
        };
    return switch (compare.getResult()) {
      case EQUAL -> order == 0;
      case NOT_EQUAL -> order != 0;
      case GREATER -> order > 0;
      case LESS -> order < 0;
      case UNRECOGNIZED -> throw invalid("etcdserver: unknown comparison");
    };
  }

  private static MetaStoreException invalid(String message) {
    return new MetaStoreException(MetaStoreException.Kind.INVALID, message);
  }

  private void check(TxnRequest request) {
    for (RequestOp op : chosen(request)) {
      switch (op.getRequestCase()) {
        case REQUEST_PUT -> checkPut(op.getRequestPut());
        case REQUEST_TXN -> check(op.getRequestTxn());
        case REQUEST_RANGE -> checkRange(op.getRequestRange());
        case REQUEST_DELETE_RANGE, REQUEST_NOT_SET -> {}
      }
    }
  }

  private void checkRange(RangeRequest request) {
    if (request.getRevision() > 0) {
      state.range(request.toBuilder().setCountOnly(true).build());
    }
  }

  private void checkPut(PutRequest put) {
    boolean needsOld = put.getIgnoreValue() || put.getIgnoreLease();
    if (needsOld && state.get(put.getKey(), revision) == null) {
      throw new MetaStoreException(
          MetaStoreException.Kind.KEY_NOT_FOUND, "etcdserver: key not found");
    }
    if (put.getLease() != 0 && !put.getIgnoreLease() && !state.leases().exists(put.getLease())) {
      throw MvccState.leaseNotFound();
    }
  }

  private TxnResponse run(TxnRequest request) {
    TxnResponse.Builder response =
        TxnResponse.newBuilder()
            .setHeader(MvccState.header(revision))
            .setSucceeded(Boolean.TRUE.equals(decisions.get(request)));
    for (RequestOp op : chosen(request)) {
      response.addResponses(run(op));
    }
    return response.build();
  }

  private ResponseOp run(RequestOp op) {
    ResponseOp.Builder response = ResponseOp.newBuilder();
    switch (op.getRequestCase()) {
      case REQUEST_RANGE -> {
        RangeRequest range = op.getRequestRange();
        long at = range.getRevision() > 0 ? range.getRevision() : revision;
        response.setResponseRange(RangeReader.read(state, range, at, revision));
      }
      case REQUEST_PUT -> response.setResponsePut(put(op.getRequestPut()));
      case REQUEST_DELETE_RANGE ->
          response.setResponseDeleteRange(deleteRange(op.getRequestDeleteRange()));
      case REQUEST_TXN -> response.setResponseTxn(run(op.getRequestTxn()));
      case REQUEST_NOT_SET -> {}
    }
    return response.build();
  }

  private PutResponse put(PutRequest put) {
    @Nullable KeyValue old = state.get(put.getKey(), revision);
    long leaseId = put.getIgnoreLease() && old != null ? old.getLease() : put.getLease();
    KeyValue pair =
        KeyValue.newBuilder()
            .setKey(put.getKey())
            .setValue(put.getIgnoreValue() && old != null ? old.getValue() : put.getValue())
            .setCreateRevision(old == null ? revision : old.getCreateRevision())
            .setModRevision(revision)
            .setVersion(old == null ? 1 : old.getVersion() + 1)
            .setLease(leaseId)
            .build();
    state.append(pair);
    if (leaseId != 0) {
      state.leases().attach(put.getKey(), leaseId);
    } else {
      state.leases().detach(put.getKey());
    }
    events.add(MvccState.event(pair, old));
    PutResponse.Builder response = PutResponse.newBuilder().setHeader(MvccState.header(revision));
    if (put.getPrevKv() && old != null) {
      response.setPrevKv(old);
    }
    return response.build();
  }

  private DeleteRangeResponse deleteRange(DeleteRangeRequest request) {
    List<KeyValue> doomed = new ArrayList<>();
    state.forEach(request.getKey(), request.getRangeEnd(), revision, doomed::add);
    for (KeyValue pair : doomed) {
      delete(pair.getKey());
    }
    DeleteRangeResponse.Builder response =
        DeleteRangeResponse.newBuilder()
            .setHeader(MvccState.header(revision))
            .setDeleted(doomed.size());
    if (request.getPrevKv()) {
      response.addAllPrevKvs(doomed);
    }
    return response.build();
  }

  void delete(ByteString key) {
    @Nullable KeyValue old = state.get(key, revision);
    KeyValue deletion = KeyValue.newBuilder().setKey(key).setModRevision(revision).build();
    state.append(deletion);
    state.leases().detach(key);
    events.add(MvccState.event(deletion, old));
  }
}
