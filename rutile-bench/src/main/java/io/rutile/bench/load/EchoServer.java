package io.rutile.bench.load;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnsafeByteOperations;
import io.grpc.Server;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.StreamObserver;
import io.rutile.base.log.LogConfig;
import io.rutile.base.log.Logging;
import io.rutile.proto.kvrpcpb.CommitResponse;
import io.rutile.proto.kvrpcpb.GetResponse;
import io.rutile.proto.kvrpcpb.KvPair;
import io.rutile.proto.kvrpcpb.PrewriteRequest;
import io.rutile.proto.kvrpcpb.PrewriteResponse;
import io.rutile.proto.kvrpcpb.RawGetResponse;
import io.rutile.proto.kvrpcpb.RawPutResponse;
import io.rutile.proto.kvrpcpb.RawScanResponse;
import io.rutile.proto.kvrpcpb.ScanResponse;
import io.rutile.proto.tikvpb.BatchCommandsRequest;
import io.rutile.proto.tikvpb.BatchCommandsRequest.Request;
import io.rutile.proto.tikvpb.BatchCommandsResponse;
import io.rutile.proto.tikvpb.BatchCommandsResponse.Response;
import io.rutile.proto.tikvpb.TikvGrpc;
import java.io.IOException;
import java.net.InetSocketAddress;

/**
 * The network limit: a bare gRPC server that answers each BatchCommands frame at once with one
 * frame of answers of the sizes that a store would send, and does nothing else. A process of its
 * own; prints its port and lives until its standard input ends.
 */
public final class EchoServer extends TikvGrpc.TikvImplBase {
  private static final int WINDOW_BYTES = 8 << 20;

  private final Response get;
  private final Response scan;
  private final Response txnGet;
  private final Response txnScan;
  private static final Response PUT =
      Response.newBuilder().setRawPut(RawPutResponse.getDefaultInstance()).build();
  private static final Response COMMIT =
      Response.newBuilder().setCommit(CommitResponse.getDefaultInstance()).build();

  EchoServer(int valueBytes, int scanLimit) {
    ByteString value = UnsafeByteOperations.unsafeWrap(new byte[valueBytes]);
    get = Response.newBuilder().setRawGet(RawGetResponse.newBuilder().setValue(value)).build();
    txnGet = Response.newBuilder().setGet(GetResponse.newBuilder().setValue(value)).build();
    RawScanResponse.Builder rows = RawScanResponse.newBuilder();
    ScanResponse.Builder txnRows = ScanResponse.newBuilder();
    for (int i = 0; i < scanLimit; i++) {
      KvPair row =
          KvPair.newBuilder()
              .setKey(UnsafeByteOperations.unsafeWrap(KeyChooser.key(i)))
              .setValue(value)
              .build();
      rows.addKvs(row);
      txnRows.addPairs(row);
    }
    scan = Response.newBuilder().setRawScan(rows).build();
    txnScan = Response.newBuilder().setScan(txnRows).build();
  }

  /** Arguments: value size and scan limit. */
  public static void main(String[] arguments) throws IOException {
    // Standard output carries the port only.
    Logging.start(LogConfig.quiet());
    EchoServer echo =
        new EchoServer(Integer.parseInt(arguments[0]), Integer.parseInt(arguments[1]));
    Server server = echo.start();
    System.out.println(server.getPort());
    System.out.flush();
    while (System.in.read() >= 0) {
      // Whoever started this process ends it by closing the pipe.
    }
    server.shutdownNow();
  }

  /** Listens on a free port of the loopback interface. */
  Server start() throws IOException {
    return NettyServerBuilder.forAddress(new InetSocketAddress("127.0.0.1", 0))
        .directExecutor()
        .flowControlWindow(WINDOW_BYTES)
        .maxInboundMessageSize(Integer.MAX_VALUE)
        .addService(this)
        .build()
        .start();
  }

  @Override
  public StreamObserver<BatchCommandsRequest> batchCommands(
      StreamObserver<BatchCommandsResponse> responses) {
    return new StreamObserver<>() {
      @Override
      public void onNext(BatchCommandsRequest frame) {
        BatchCommandsResponse.Builder answer = BatchCommandsResponse.newBuilder();
        int count = frame.getRequestsCount();
        for (int i = 0; i < count; i++) {
          answer.addResponses(answer(frame.getRequests(i)));
        }
        responses.onNext(answer.addAllRequestIds(frame.getRequestIdsList()).build());
      }

      @Override
      public void onError(Throwable cause) {
        // The client went away; there is nothing to undo.
      }

      @Override
      public void onCompleted() {
        responses.onCompleted();
      }
    };
  }

  private Response answer(Request request) {
    return switch (request.getCmdCase()) {
      case RAWGET -> get;
      case RAWPUT -> PUT;
      case RAWSCAN -> scan;
      case GET -> txnGet;
      case SCAN -> txnScan;
      case PREWRITE -> prewritten(request.getPrewrite());
      case COMMIT -> COMMIT;
      default -> Response.getDefaultInstance();
    };
  }

  /** What a store says that could do as it was asked to. */
  private static Response prewritten(PrewriteRequest request) {
    PrewriteResponse.Builder response = PrewriteResponse.newBuilder();
    if (request.getTryOnePc()) {
      response.setOnePcCommitTs(request.getStartVersion() + 1);
    } else if (request.getUseAsyncCommit()) {
      response.setMinCommitTs(request.getStartVersion() + 1);
    }
    return Response.newBuilder().setPrewrite(response).build();
  }
}
