package io.rutile.pd.service;

import com.google.protobuf.InvalidProtocolBufferException;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import io.rutile.pd.cluster.LeaderSession;
import io.rutile.pd.meta.MetaKv;
import io.rutile.pd.meta.WatchHandle;
import io.rutile.pd.meta.WatchListener;
import io.rutile.pd.meta.WatchSpec;
import io.rutile.proto.keyspacepb.GetAllKeyspacesRequest;
import io.rutile.proto.keyspacepb.GetAllKeyspacesResponse;
import io.rutile.proto.keyspacepb.KeyspaceGrpc;
import io.rutile.proto.keyspacepb.KeyspaceMeta;
import io.rutile.proto.keyspacepb.LoadKeyspaceByIDRequest;
import io.rutile.proto.keyspacepb.LoadKeyspaceRequest;
import io.rutile.proto.keyspacepb.LoadKeyspaceResponse;
import io.rutile.proto.keyspacepb.UpdateKeyspaceStateRequest;
import io.rutile.proto.keyspacepb.UpdateKeyspaceStateResponse;
import io.rutile.proto.keyspacepb.WatchKeyspacesRequest;
import io.rutile.proto.keyspacepb.WatchKeyspacesResponse;
import io.rutile.proto.mvccpb.Event;
import io.rutile.proto.pdpb.RequestHeader;
import io.rutile.proto.pdpb.ResponseHeader;
import java.util.List;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The service {@code keyspacepb.Keyspace}. */
public final class KeyspaceService extends KeyspaceGrpc.KeyspaceImplBase {
  private static final Logger LOG = LoggerFactory.getLogger(KeyspaceService.class);

  private final Gate gate;

  public KeyspaceService(Gate gate) {
    this.gate = gate;
  }

  private static ResponseHeader header(LeaderSession session) {
    return ResponseHeader.newBuilder().setClusterId(session.clusterId()).build();
  }

  @Override
  public void loadKeyspace(LoadKeyspaceRequest request, StreamObserver<LoadKeyspaceResponse> out) {
    load(out, request.getHeader(), session -> session.keyspaces().load(request.getName()));
  }

  @Override
  public void loadKeyspaceByID(
      LoadKeyspaceByIDRequest request, StreamObserver<LoadKeyspaceResponse> out) {
    load(out, request.getHeader(), session -> session.keyspaces().load(request.getId()));
  }

  private void load(
      StreamObserver<LoadKeyspaceResponse> out,
      RequestHeader caller,
      Function<LeaderSession, KeyspaceMeta> call) {
    gate.answer(
        out,
        caller,
        session -> {
          session.cluster();
          return LoadKeyspaceResponse.newBuilder()
              .setHeader(header(session))
              .setKeyspace(call.apply(session))
              .build();
        },
        header -> LoadKeyspaceResponse.newBuilder().setHeader(header).build());
  }

  @Override
  public void getAllKeyspaces(
      GetAllKeyspacesRequest request, StreamObserver<GetAllKeyspacesResponse> out) {
    gate.answer(
        out,
        request.getHeader(),
        session -> {
          session.cluster();
          return GetAllKeyspacesResponse.newBuilder()
              .setHeader(header(session))
              .addAllKeyspaces(session.keyspaces().list(request.getStartId(), request.getLimit()))
              .build();
        },
        header -> GetAllKeyspacesResponse.newBuilder().setHeader(header).build());
  }

  @Override
  public void updateKeyspaceState(
      UpdateKeyspaceStateRequest request, StreamObserver<UpdateKeyspaceStateResponse> out) {
    gate.answer(
        out,
        request.getHeader(),
        session -> {
          session.cluster();
          return UpdateKeyspaceStateResponse.newBuilder()
              .setHeader(header(session))
              .setKeyspace(session.keyspaces().changeState(request.getId(), request.getState()))
              .build();
        },
        header -> UpdateKeyspaceStateResponse.newBuilder().setHeader(header).build());
  }

  /** First everything, then changes until the client goes away. */
  @Override
  public void watchKeyspaces(
      WatchKeyspacesRequest request, StreamObserver<WatchKeyspacesResponse> observer) {
    try {
      LeaderSession session = gate.session(request.getHeader());
      session.cluster();
      long revision = session.meta().store().revision();
      observer.onNext(
          WatchKeyspacesResponse.newBuilder()
              .setHeader(header(session))
              .addAllKeyspaces(session.keyspaces().list(0, 0))
              .build());
      ServerCallStreamObserver<WatchKeyspacesResponse> out =
          (ServerCallStreamObserver<WatchKeyspacesResponse>) observer;
      WatchHandle handle =
          session
              .meta()
              .store()
              .watch(
                  WatchSpec.prefix(MetaKv.key(session.paths().keyspaceMetaPrefix()), revision + 1),
                  new Forwarder(header(session), out));
      out.setOnCancelHandler(handle::close);
    } catch (RuntimeException e) {
      observer.onError(Gate.status(e));
    }
  }

  private record Forwarder(
      ResponseHeader header, ServerCallStreamObserver<WatchKeyspacesResponse> out)
      implements WatchListener {
    @Override
    public void events(long revision, List<Event> events) {
      if (out.isCancelled()) {
        return;
      }
      WatchKeyspacesResponse.Builder response =
          WatchKeyspacesResponse.newBuilder().setHeader(header);
      for (Event event : events) {
        try {
          response.addKeyspaces(KeyspaceMeta.parseFrom(event.getKv().getValue()));
        } catch (InvalidProtocolBufferException e) {
          LOG.error("keyspace record {} is damaged", event.getKv().getKey().toStringUtf8());
        }
      }
      out.onNext(response.build());
    }

    @Override
    public void compacted(long compactRevision) {
      out.onCompleted();
    }
  }
}
