package io.rutile.pd.service;

import io.grpc.Status;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import io.rutile.pd.cluster.LeaderSession;
import io.rutile.pd.meta.MetaKv;
import io.rutile.pd.meta.WatchHandle;
import io.rutile.pd.meta.WatchListener;
import io.rutile.pd.meta.WatchSpec;
import io.rutile.proto.etcdserverpb.TxnRequest;
import io.rutile.proto.mvccpb.Event;
import io.rutile.proto.mvccpb.KeyValue;
import io.rutile.proto.pdpb.Error;
import io.rutile.proto.pdpb.ErrorType;
import io.rutile.proto.pdpb.EventType;
import io.rutile.proto.pdpb.GlobalConfigItem;
import io.rutile.proto.pdpb.LoadGlobalConfigRequest;
import io.rutile.proto.pdpb.LoadGlobalConfigResponse;
import io.rutile.proto.pdpb.ResponseHeader;
import io.rutile.proto.pdpb.StoreGlobalConfigRequest;
import io.rutile.proto.pdpb.StoreGlobalConfigResponse;
import io.rutile.proto.pdpb.WatchGlobalConfigRequest;
import io.rutile.proto.pdpb.WatchGlobalConfigResponse;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** Settings that clients share through PD: plain keys under one prefix of the store. */
final class GlobalConfigCalls {
  private static final String ROOT = "/global/config/";
  private static final String CONTROLLER = "resource_group/controller";

  private GlobalConfigCalls() {}

  private static String root(String asked) {
    if (asked.isEmpty() || asked.equals(ROOT)) {
      return ROOT;
    }
    if (asked.startsWith(ROOT) || asked.equals(CONTROLLER)) {
      return asked;
    }
    throw Status.INVALID_ARGUMENT
        .withDescription("config path " + asked + " is not allowed")
        .asRuntimeException();
  }

  static StoreGlobalConfigResponse store(LeaderSession session, StoreGlobalConfigRequest request) {
    String root = root(request.getConfigPath());
    TxnRequest.Builder txn = TxnRequest.newBuilder();
    for (GlobalConfigItem item : request.getChangesList()) {
      String path = root + item.getName();
      byte[] value =
          item.getValue().isEmpty()
              ? item.getPayload().toByteArray()
              : item.getValue().getBytes(StandardCharsets.UTF_8);
      txn.addSuccess(
          item.getKind() == EventType.DELETE ? MetaKv.deleteOp(path) : MetaKv.putOp(path, value));
    }
    session.meta().commit(txn.build());
    return StoreGlobalConfigResponse.getDefaultInstance();
  }

  static LoadGlobalConfigResponse load(LeaderSession session, LoadGlobalConfigRequest request) {
    String root = root(request.getConfigPath());
    LoadGlobalConfigResponse.Builder response =
        LoadGlobalConfigResponse.newBuilder().setRevision(session.meta().store().revision());
    if (request.getNamesCount() == 0) {
      for (KeyValue pair : session.meta().prefix(root)) {
        response.addItems(item(pair, pair.getKey().toStringUtf8().substring(root.length())));
      }
      return response.build();
    }
    for (String name : request.getNamesList()) {
      List<KeyValue> pairs = session.meta().prefix(root + name);
      boolean found = !pairs.isEmpty() && pairs.getFirst().getKey().equals(MetaKv.key(root + name));
      response.addItems(found ? item(pairs.getFirst(), name) : missing(name));
    }
    return response.build();
  }

  private static GlobalConfigItem item(KeyValue pair, String name) {
    return GlobalConfigItem.newBuilder()
        .setName(name)
        .setValue(pair.getValue().isValidUtf8() ? pair.getValue().toStringUtf8() : "")
        .setPayload(pair.getValue())
        .setKind(EventType.PUT)
        .build();
  }

  private static GlobalConfigItem missing(String name) {
    return GlobalConfigItem.newBuilder()
        .setName(name)
        .setError(
            Error.newBuilder()
                .setType(ErrorType.GLOBAL_CONFIG_NOT_FOUND)
                .setMessage("config " + name + " not found"))
        .build();
  }

  /** Streams changes until the client goes away. */
  static void watch(
      LeaderSession session,
      WatchGlobalConfigRequest request,
      StreamObserver<WatchGlobalConfigResponse> observer) {
    String root = root(request.getConfigPath());
    ServerCallStreamObserver<WatchGlobalConfigResponse> out =
        (ServerCallStreamObserver<WatchGlobalConfigResponse>) observer;
    WatchHandle handle =
        session
            .meta()
            .store()
            .watch(
                WatchSpec.prefix(MetaKv.key(root), request.getRevision()),
                new Forwarder(session, root, out));
    out.setOnCancelHandler(handle::close);
  }

  private record Forwarder(
      LeaderSession session, String root, ServerCallStreamObserver<WatchGlobalConfigResponse> out)
      implements WatchListener {
    @Override
    public void events(long revision, List<Event> events) {
      if (out.isCancelled()) {
        return;
      }
      WatchGlobalConfigResponse.Builder response =
          WatchGlobalConfigResponse.newBuilder().setHeader(header()).setRevision(revision);
      for (Event event : events) {
        boolean put = event.getType() == Event.EventType.PUT;
        GlobalConfigItem.Builder item =
            GlobalConfigItem.newBuilder()
                .setName(event.getKv().getKey().toStringUtf8().substring(root.length()))
                .setKind(put ? EventType.PUT : EventType.DELETE);
        if (put) {
          item.setValue(
                  event.getKv().getValue().isValidUtf8()
                      ? event.getKv().getValue().toStringUtf8()
                      : "")
              .setPayload(event.getKv().getValue());
        }
        response.addChanges(item);
      }
      out.onNext(response.build());
    }

    private ResponseHeader header() {
      return ResponseHeader.newBuilder().setClusterId(session.clusterId()).build();
    }

    @Override
    public void compacted(long compactRevision) {
      out.onNext(
          WatchGlobalConfigResponse.newBuilder()
              .setHeader(
                  Gate.error(
                      session.clusterId(),
                      ErrorType.DATA_COMPACTED,
                      "required watch revision: is smaller than current compact revision "
                          + compactRevision))
              .setRevision(compactRevision)
              .build());
      out.onCompleted();
    }
  }
}
