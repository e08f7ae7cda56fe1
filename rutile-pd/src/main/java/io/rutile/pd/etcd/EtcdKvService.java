package io.rutile.pd.etcd;

import io.grpc.stub.StreamObserver;
import io.rutile.pd.meta.MetaKv;
import io.rutile.proto.etcdserverpb.CompactionRequest;
import io.rutile.proto.etcdserverpb.CompactionResponse;
import io.rutile.proto.etcdserverpb.DeleteRangeRequest;
import io.rutile.proto.etcdserverpb.DeleteRangeResponse;
import io.rutile.proto.etcdserverpb.KVGrpc;
import io.rutile.proto.etcdserverpb.PutRequest;
import io.rutile.proto.etcdserverpb.PutResponse;
import io.rutile.proto.etcdserverpb.RangeRequest;
import io.rutile.proto.etcdserverpb.RangeResponse;
import io.rutile.proto.etcdserverpb.RequestOp;
import io.rutile.proto.etcdserverpb.ResponseOp;
import io.rutile.proto.etcdserverpb.TxnRequest;
import io.rutile.proto.etcdserverpb.TxnResponse;

/** The service {@code etcdserverpb.KV}. Calls wait, each on a virtual thread. */
public final class EtcdKvService extends KVGrpc.KVImplBase {
  private final EtcdNode node;

  public EtcdKvService(EtcdNode node) {
    this.node = node;
  }

  @Override
  public void range(RangeRequest request, StreamObserver<RangeResponse> out) {
    EtcdNode.reply(
        out,
        () -> {
          TxnCheck.check(request);
          if (!request.getSerializable()) {
            node.barrier();
          }
          RangeResponse read = node.store().range(request);
          return read.toBuilder().setHeader(node.header(read.getHeader())).build();
        });
  }

  @Override
  public void put(PutRequest request, StreamObserver<PutResponse> out) {
    EtcdNode.reply(
        out,
        () -> {
          TxnCheck.check(request);
          ResponseOp done = single(RequestOp.newBuilder().setRequestPut(request).build());
          PutResponse put = done.getResponsePut();
          return put.toBuilder().setHeader(node.header(put.getHeader())).build();
        });
  }

  @Override
  public void deleteRange(DeleteRangeRequest request, StreamObserver<DeleteRangeResponse> out) {
    EtcdNode.reply(
        out,
        () -> {
          TxnCheck.check(request);
          TxnResponse txn =
              commit(
                  TxnRequest.newBuilder()
                      .addSuccess(RequestOp.newBuilder().setRequestDeleteRange(request))
                      .build());
          return txn.getResponses(0).getResponseDeleteRange().toBuilder()
              .setHeader(node.header(txn.getHeader()))
              .build();
        });
  }

  private ResponseOp single(RequestOp op) {
    return commit(TxnRequest.newBuilder().addSuccess(op).build()).getResponses(0);
  }

  private TxnResponse commit(TxnRequest request) {
    return MetaKv.await(node.store().txn(request));
  }

  @Override
  public void txn(TxnRequest request, StreamObserver<TxnResponse> out) {
    EtcdNode.reply(
        out,
        () -> {
          TxnCheck.check(request);
          TxnResponse done = commit(request);
          return done.toBuilder().setHeader(node.header(done.getHeader())).build();
        });
  }

  @Override
  public void compact(CompactionRequest request, StreamObserver<CompactionResponse> out) {
    EtcdNode.reply(
        out,
        () -> {
          MetaKv.await(node.store().compact(request));
          return CompactionResponse.newBuilder().setHeader(node.header()).build();
        });
  }
}
