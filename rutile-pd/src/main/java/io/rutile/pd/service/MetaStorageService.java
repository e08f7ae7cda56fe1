package io.rutile.pd.service;

import com.google.protobuf.ByteString;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import io.rutile.pd.cluster.LeaderSession;
import io.rutile.pd.meta.MetaKv;
import io.rutile.pd.meta.MetaStore;
import io.rutile.pd.meta.MetaStoreException;
import io.rutile.pd.meta.WatchHandle;
import io.rutile.pd.meta.WatchListener;
import io.rutile.pd.meta.WatchSpec;
import io.rutile.proto.etcdserverpb.DeleteRangeResponse;
import io.rutile.proto.etcdserverpb.RangeRequest;
import io.rutile.proto.etcdserverpb.RangeResponse;
import io.rutile.proto.etcdserverpb.RequestOp;
import io.rutile.proto.etcdserverpb.TxnRequest;
import io.rutile.proto.etcdserverpb.TxnResponse;
import io.rutile.proto.metastoragepb.DeleteRequest;
import io.rutile.proto.metastoragepb.DeleteResponse;
import io.rutile.proto.metastoragepb.Error;
import io.rutile.proto.metastoragepb.ErrorType;
import io.rutile.proto.metastoragepb.Event;
import io.rutile.proto.metastoragepb.GetRequest;
import io.rutile.proto.metastoragepb.GetResponse;
import io.rutile.proto.metastoragepb.KeyValue;
import io.rutile.proto.metastoragepb.MetaStorageGrpc;
import io.rutile.proto.metastoragepb.PutRequest;
import io.rutile.proto.metastoragepb.PutResponse;
import io.rutile.proto.metastoragepb.ResponseHeader;
import io.rutile.proto.metastoragepb.WatchRequest;
import io.rutile.proto.metastoragepb.WatchResponse;
import java.util.List;
import java.util.function.Function;

/**
 * The service {@code meta_storagepb.MetaStorage}: PD's store as keys with revisions, for those who
 * keep settings there, as resource control does. By the leader only. A read or watch of a revision
 * that is compacted is told so in the header.
 */
public final class MetaStorageService extends MetaStorageGrpc.MetaStorageImplBase {
  private final Gate gate;

  public MetaStorageService(Gate gate) {
    this.gate = gate;
  }

  private static ResponseHeader header(LeaderSession session, long revision) {
    return ResponseHeader.newBuilder()
        .setClusterId(session.clusterId())
        .setRevision(revision)
        .build();
  }

  private static ResponseHeader compacted(LeaderSession session, String message) {
    return ResponseHeader.newBuilder()
        .setClusterId(session.clusterId())
        .setRevision(session.meta().store().revision())
        .setError(Error.newBuilder().setType(ErrorType.DATA_COMPACTED).setMessage(message))
        .build();
  }

  private static KeyValue pair(io.rutile.proto.mvccpb.KeyValue pair) {
    return KeyValue.newBuilder()
        .setKey(pair.getKey())
        .setCreateRevision(pair.getCreateRevision())
        .setModRevision(pair.getModRevision())
        .setVersion(pair.getVersion())
        .setValue(pair.getValue())
        .setLease(pair.getLease())
        .build();
  }

  private static List<KeyValue> pairs(List<io.rutile.proto.mvccpb.KeyValue> found) {
    return found.stream().map(MetaStorageService::pair).toList();
  }

  private <R> void answer(
      StreamObserver<R> out,
      long clusterId,
      Function<LeaderSession, R> call,
      Function<ResponseHeader, R> refused) {
    Gate.reply(
        out,
        () -> {
          LeaderSession session = gate.session(clusterId);
          try {
            return call.apply(session);
          } catch (MetaStoreException e) {
            if (e.kind() == MetaStoreException.Kind.COMPACTED) {
              return refused.apply(compacted(session, String.valueOf(e.getMessage())));
            }
            throw e;
          }
        });
  }

  @Override
  public void get(GetRequest request, StreamObserver<GetResponse> out) {
    answer(
        out,
        request.getHeader().getClusterId(),
        session -> {
          MetaStore store = session.meta().store();
          MetaKv.await(store.readBarrier());
          RangeResponse read =
              store.range(
                  RangeRequest.newBuilder()
                      .setKey(request.getKey())
                      .setRangeEnd(request.getRangeEnd())
                      .setLimit(request.getLimit())
                      .setRevision(request.getRevision())
                      .build());
          return GetResponse.newBuilder()
              .setHeader(header(session, read.getHeader().getRevision()))
              .addAllKvs(pairs(read.getKvsList()))
              .setMore(read.getMore())
              .setCount(read.getCount())
              .build();
        },
        header -> GetResponse.newBuilder().setHeader(header).build());
  }

  @Override
  public void put(PutRequest request, StreamObserver<PutResponse> out) {
    answer(
        out,
        request.getHeader().getClusterId(),
        session -> {
          RequestOp.Builder op = RequestOp.newBuilder();
          op.getRequestPutBuilder()
              .setKey(request.getKey())
              .setValue(request.getValue())
              .setLease(request.getLease())
              .setPrevKv(request.getPrevKv());
          TxnResponse done = commit(session, op);
          PutResponse.Builder response =
              PutResponse.newBuilder().setHeader(header(session, done.getHeader().getRevision()));
          if (done.getResponses(0).getResponsePut().hasPrevKv()) {
            response.setPrevKv(pair(done.getResponses(0).getResponsePut().getPrevKv()));
          }
          return response.build();
        },
        header -> PutResponse.newBuilder().setHeader(header).build());
  }

  @Override
  public void delete(DeleteRequest request, StreamObserver<DeleteResponse> out) {
    answer(
        out,
        request.getHeader().getClusterId(),
        session -> {
          RequestOp.Builder op = RequestOp.newBuilder();
          op.getRequestDeleteRangeBuilder()
              .setKey(request.getKey())
              .setRangeEnd(request.getRangeEnd())
              .setPrevKv(request.getPrevKv());
          TxnResponse done = commit(session, op);
          DeleteRangeResponse deleted = done.getResponses(0).getResponseDeleteRange();
          return DeleteResponse.newBuilder()
              .setHeader(header(session, done.getHeader().getRevision()))
              .setDeleted(deleted.getDeleted())
              .addAllPrevKvs(pairs(deleted.getPrevKvsList()))
              .build();
        },
        header -> DeleteResponse.newBuilder().setHeader(header).build());
  }

  private static TxnResponse commit(LeaderSession session, RequestOp.Builder op) {
    return session.meta().run(TxnRequest.newBuilder().addSuccess(op).build());
  }

  /** Streams changes until the client goes away. */
  @Override
  public void watch(WatchRequest request, StreamObserver<WatchResponse> observer) {
    LeaderSession session;
    try {
      session = gate.session(request.getHeader().getClusterId());
    } catch (RuntimeException e) {
      observer.onError(Gate.status(e));
      return;
    }
    ServerCallStreamObserver<WatchResponse> out =
        (ServerCallStreamObserver<WatchResponse>) observer;
    ByteString end = request.getRangeEnd();
    WatchHandle handle =
        session
            .meta()
            .store()
            .watch(
                new WatchSpec(
                    request.getKey(), end, request.getStartRevision(), request.getPrevKv()),
                new Forwarder(session, out));
    out.setOnCancelHandler(handle::close);
  }

  private record Forwarder(LeaderSession session, ServerCallStreamObserver<WatchResponse> out)
      implements WatchListener {
    @Override
    public void events(long revision, List<io.rutile.proto.mvccpb.Event> events) {
      if (out.isCancelled()) {
        return;
      }
      WatchResponse.Builder response =
          WatchResponse.newBuilder().setHeader(header(session, revision));
      for (io.rutile.proto.mvccpb.Event event : events) {
        Event.Builder told =
            Event.newBuilder()
                .setType(
                    event.getType() == io.rutile.proto.mvccpb.Event.EventType.PUT
                        ? Event.EventType.PUT
                        : Event.EventType.DELETE)
                .setKv(pair(event.getKv()));
        if (event.hasPrevKv()) {
          told.setPrevKv(pair(event.getPrevKv()));
        }
        response.addEvents(told);
      }
      out.onNext(response.build());
    }

    @Override
    public void compacted(long compactRevision) {
      out.onNext(
          WatchResponse.newBuilder()
              .setHeader(
                  MetaStorageService.compacted(
                      session, "etcdserver: mvcc: required revision has been compacted"))
              .setCompactRevision(compactRevision)
              .build());
      out.onCompleted();
    }
  }
}
