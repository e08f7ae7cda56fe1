package io.rutile.verify.server;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Message;
import io.rutile.client.pd.RegionInfo;
import io.rutile.proto.kvrpcpb.BatchGetRequest;
import io.rutile.proto.kvrpcpb.BatchRollbackRequest;
import io.rutile.proto.kvrpcpb.BufferBatchGetRequest;
import io.rutile.proto.kvrpcpb.CheckSecondaryLocksRequest;
import io.rutile.proto.kvrpcpb.CheckTxnStatusRequest;
import io.rutile.proto.kvrpcpb.CleanupRequest;
import io.rutile.proto.kvrpcpb.CommitRequest;
import io.rutile.proto.kvrpcpb.Context;
import io.rutile.proto.kvrpcpb.DeleteRangeRequest;
import io.rutile.proto.kvrpcpb.DeleteRangeResponse;
import io.rutile.proto.kvrpcpb.FlushRequest;
import io.rutile.proto.kvrpcpb.GetRequest;
import io.rutile.proto.kvrpcpb.MvccGetByKeyRequest;
import io.rutile.proto.kvrpcpb.MvccGetByStartTsRequest;
import io.rutile.proto.kvrpcpb.PessimisticLockRequest;
import io.rutile.proto.kvrpcpb.PessimisticRollbackRequest;
import io.rutile.proto.kvrpcpb.PrewriteRequest;
import io.rutile.proto.kvrpcpb.ResolveLockRequest;
import io.rutile.proto.kvrpcpb.ScanLockRequest;
import io.rutile.proto.kvrpcpb.ScanRequest;
import io.rutile.proto.kvrpcpb.TxnHeartBeatRequest;
import io.rutile.proto.tikvpb.TikvGrpc;
import io.rutile.proto.tikvpb.TikvGrpc.TikvBlockingStub;
import io.rutile.txn.golden.GoldenScripts;
import io.rutile.txn.golden.ScriptExecutor;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The golden scripts of the transaction layer once more, over gRPC to a running store. Left out is
 * what needs the inside of a store (writes held back, collections), what is not served, and what
 * depends on max_ts, which in a running store has come from its oracle.
 */
class GoldenScriptsOverGrpcTest {
  private static final Set<String> INSIDE_VERBS =
      Set.of("hold", "apply", "synced", "unsynced", "gc", "prepareflashback", "flashback");

  private static final List<String> MAX_TS_OPTIONS = List.of(" -async", " -onepc");

  /**
   * Where PD splits the first region, at the raw keys of the default keyspace. The scripts keep to
   * keys below.
   */
  private static final String REGION_END = "r";

  private record Scenario(String name, List<String> lines) {
    boolean runsFromOutside() {
      return lines.stream()
          .filter(line -> !line.startsWith("  "))
          .noneMatch(line ->
              INSIDE_VERBS.contains(line.split(" ")[0])
                  || MAX_TS_OPTIONS.stream().anyMatch(line::contains));
    }
  }

  @Test
  void answersAreThoseOfTheCommands(@TempDir Path directory) {
    try (OneNode node = OneNode.start(directory, Map.of());
        OneNode.Client client = node.client()) {
      RegionInfo region = region(client);
      TikvBlockingStub stub =
          TikvGrpc.newBlockingStub(client.channels.channel(node.store.address()));
      Context context =
          Context.newBuilder()
              .setRegionId(region.region().getId())
              .setRegionEpoch(region.region().getRegionEpoch())
              .setPeer(region.region().getPeers(0))
              .build();
      int ran = 0;
      Set<String> different = new TreeSet<>();
      for (Scenario scenario : scenarios()) {
        if (!scenario.runsFromOutside()) {
          continue;
        }
        ran++;
        List<String> answers =
            GoldenScripts.answer(scenario.lines(), () -> new WireExecutor(stub, context));
        if (!answers.equals(scenario.lines())) {
          different.add(scenario.name() + ": " + difference(scenario.lines(), answers));
        }
      }
      System.out.printf("RESULT GoldenOverGrpc scenarios=%d different=%d%n", ran, different.size());
      assertThat(different).isEmpty();
      assertThat(ran).isGreaterThan(50);
    }
  }

  private static RegionInfo region(OneNode.Client client) {
    return Awaitility.await()
        .until(() -> client.pdClient.getRegion(new byte[0]).join(), found -> found.isPresent())
        .orElseThrow();
  }

  private static List<Scenario> scenarios() {
    List<Scenario> scenarios = new ArrayList<>();
    for (String script : GoldenScripts.NAMES) {
      for (String line : GoldenScripts.read(script)) {
        if (line.startsWith("## ")) {
          scenarios.add(new Scenario(script + ": " + line.substring(3), new ArrayList<>()));
        }
        if (!scenarios.isEmpty()) {
          scenarios.getLast().lines().add(line);
        }
      }
    }
    return scenarios;
  }

  private static String difference(List<String> expected, List<String> actual) {
    for (int i = 0; i < expected.size(); i++) {
      if (!expected.get(i).equals(actual.get(i))) {
        return expected.get(i - 1) + " gave " + actual.get(i) + ", not " + expected.get(i);
      }
    }
    return "nothing";
  }

  /** Sends each request; begins with an empty store. */
  private record WireExecutor(TikvBlockingStub stub, Context region) implements ScriptExecutor {
    WireExecutor {
      DeleteRangeResponse response =
          stub.kvDeleteRange(
              DeleteRangeRequest.newBuilder()
                  .setContext(region)
                  .setStartKey(ByteString.copyFromUtf8("\0"))
                  .setEndKey(ByteString.copyFromUtf8(REGION_END))
                  .build());
      assertThat(response).isEqualTo(DeleteRangeResponse.getDefaultInstance());
    }

    @Override
    public Message execute(Message request) {
      FieldDescriptor field = request.getDescriptorForType().findFieldByName("context");
      Context context = ((Context) request.getField(field)).toBuilder().mergeFrom(region).build();
      return send(request.toBuilder().setField(field, context).build());
    }

    private Message send(Message request) {
      return switch (request) {
        case GetRequest r -> stub.kvGet(r);
        case BatchGetRequest r -> stub.kvBatchGet(r);
        case ScanRequest r -> stub.kvScan(r);
        case ScanLockRequest r -> stub.kvScanLock(r);
        case BufferBatchGetRequest r -> stub.kvBufferBatchGet(r);
        case MvccGetByKeyRequest r -> stub.mvccGetByKey(r);
        case MvccGetByStartTsRequest r -> stub.mvccGetByStartTs(r);
        case PrewriteRequest r -> stub.kvPrewrite(r);
        case CommitRequest r -> stub.kvCommit(r);
        case CleanupRequest r -> stub.kvCleanup(r);
        case BatchRollbackRequest r -> stub.kvBatchRollback(r);
        case TxnHeartBeatRequest r -> stub.kvTxnHeartBeat(r);
        case CheckTxnStatusRequest r -> stub.kvCheckTxnStatus(r);
        case CheckSecondaryLocksRequest r -> stub.kvCheckSecondaryLocks(r);
        case ResolveLockRequest r -> stub.kvResolveLock(r);
        case PessimisticLockRequest r ->
            stub.kvPessimisticLock(r.toBuilder().setWaitTimeout(-1).build());
        case PessimisticRollbackRequest r -> stub.kVPessimisticRollback(r);
        case FlushRequest r -> stub.kvFlush(r);
        default -> throw new IllegalArgumentException(request.getClass().getName());
      };
    }

    @Override
    public boolean control(String verb) {
      return false;
    }

    @Override
    public void close() {
      // The next scenario empties the store.
    }
  }
}
