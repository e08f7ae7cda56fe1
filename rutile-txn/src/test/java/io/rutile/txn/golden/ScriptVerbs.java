package io.rutile.txn.golden;

import com.google.protobuf.Message;
import io.rutile.proto.kvrpcpb.Assertion;
import io.rutile.proto.kvrpcpb.AssertionLevel;
import io.rutile.proto.kvrpcpb.BatchGetRequest;
import io.rutile.proto.kvrpcpb.BatchRollbackRequest;
import io.rutile.proto.kvrpcpb.BufferBatchGetRequest;
import io.rutile.proto.kvrpcpb.CheckSecondaryLocksRequest;
import io.rutile.proto.kvrpcpb.CheckTxnStatusRequest;
import io.rutile.proto.kvrpcpb.CleanupRequest;
import io.rutile.proto.kvrpcpb.CommitRequest;
import io.rutile.proto.kvrpcpb.CommitRole;
import io.rutile.proto.kvrpcpb.FlashbackToVersionRequest;
import io.rutile.proto.kvrpcpb.FlushRequest;
import io.rutile.proto.kvrpcpb.GetRequest;
import io.rutile.proto.kvrpcpb.Mutation;
import io.rutile.proto.kvrpcpb.MvccGetByKeyRequest;
import io.rutile.proto.kvrpcpb.MvccGetByStartTsRequest;
import io.rutile.proto.kvrpcpb.Op;
import io.rutile.proto.kvrpcpb.PessimisticLockRequest;
import io.rutile.proto.kvrpcpb.PessimisticLockWakeUpMode;
import io.rutile.proto.kvrpcpb.PessimisticRollbackRequest;
import io.rutile.proto.kvrpcpb.PrepareFlashbackToVersionRequest;
import io.rutile.proto.kvrpcpb.PrewriteRequest;
import io.rutile.proto.kvrpcpb.PrewriteRequest.ForUpdateTSConstraint;
import io.rutile.proto.kvrpcpb.PrewriteRequest.PessimisticAction;
import io.rutile.proto.kvrpcpb.ResolveLockRequest;
import io.rutile.proto.kvrpcpb.ScanLockRequest;
import io.rutile.proto.kvrpcpb.ScanRequest;
import io.rutile.proto.kvrpcpb.TxnHeartBeatRequest;
import io.rutile.proto.kvrpcpb.TxnInfo;
import java.util.Map;

/** The requests that the lines of a script stand for. */
final class ScriptVerbs {
  private static final Map<String, Op> OPS =
      Map.of(
          "put", Op.Put,
          "del", Op.Del,
          "lock", Op.Lock,
          "insert", Op.Insert,
          "check", Op.CheckNotExists,
          "shared", Op.SharedLock,
          "pessimistic", Op.PessimisticLock,
          "sharedpessimistic", Op.SharedPessimisticLock,
          "rollback", Op.Rollback);

  private ScriptVerbs() {}

  static Message request(ScriptLine line) {
    return switch (line.verb()) {
      case "get" ->
          GetRequest.newBuilder()
              .setContext(line.context())
              .setKey(line.keys().getFirst())
              .setVersion(line.number("ts", 0))
              .setNeedCommitTs(line.flag("committs"))
              .build();
      case "batchget" ->
          BatchGetRequest.newBuilder()
              .setContext(line.context())
              .addAllKeys(line.keys())
              .setVersion(line.number("ts", 0))
              .setNeedCommitTs(line.flag("committs"))
              .build();
      case "scan" -> scan(line);
      case "scanlock" ->
          ScanLockRequest.newBuilder()
              .setContext(line.context())
              .setMaxVersion(line.number("max", -1))
              .setStartKey(line.bytes("from"))
              .setEndKey(line.bytes("to"))
              .setLimit((int) line.number("limit", 0))
              .build();
      case "bufferget" ->
          BufferBatchGetRequest.newBuilder()
              .setContext(line.context())
              .addAllKeys(line.keys())
              .setVersion(line.number("start", 0))
              .build();
      case "mvcc" -> MvccGetByKeyRequest.newBuilder().setKey(line.keys().getFirst()).build();
      case "mvccstart" ->
          MvccGetByStartTsRequest.newBuilder().setStartTs(line.number("start", 0)).build();
      default -> write(line);
    };
  }

  private static Message scan(ScriptLine line) {
    return ScanRequest.newBuilder()
        .setContext(line.context())
        .setStartKey(line.bytes("from"))
        .setEndKey(line.bytes("to"))
        .setLimit((int) line.number("limit", 100))
        .setVersion(line.number("ts", 0))
        .setKeyOnly(line.flag("keyonly"))
        .setReverse(line.flag("reverse"))
        .setSampleStep((int) line.number("step", 0))
        .build();
  }

  private static Message write(ScriptLine line) {
    return switch (line.verb()) {
      case "prewrite" -> prewrite(line);
      case "commit" ->
          CommitRequest.newBuilder()
              .setContext(line.context())
              .setStartVersion(line.number("start", 0))
              .setCommitVersion(line.number("ts", 0))
              .setCommitRole(CommitRole.valueOf(line.text("role", "Unknown")))
              .addAllKeys(line.keys())
              .build();
      case "cleanup" ->
          CleanupRequest.newBuilder()
              .setContext(line.context())
              .setKey(line.keys().getFirst())
              .setStartVersion(line.number("start", 0))
              .setCurrentTs(line.number("current", 0))
              .build();
      case "rollback" ->
          BatchRollbackRequest.newBuilder()
              .setContext(line.context())
              .setStartVersion(line.number("start", 0))
              .addAllKeys(line.keys())
              .build();
      case "heartbeat" ->
          TxnHeartBeatRequest.newBuilder()
              .setContext(line.context())
              .setPrimaryLock(line.keys().getFirst())
              .setStartVersion(line.number("start", 0))
              .setAdviseLockTtl(line.number("ttl", 0))
              .setMinCommitTs(line.number("mincommit", 0))
              .build();
      case "status" -> status(line);
      case "secondaries" ->
          CheckSecondaryLocksRequest.newBuilder()
              .setContext(line.context())
              .addAllKeys(line.keys())
              .setStartVersion(line.number("start", 0))
              .build();
      case "resolve" -> resolve(line);
      case "flush" -> flush(line);
      default -> pessimistic(line);
    };
  }

  private static Message pessimistic(ScriptLine line) {
    return switch (line.verb()) {
      case "acquire" -> acquire(line);
      case "release" ->
          PessimisticRollbackRequest.newBuilder()
              .setContext(line.context())
              .setStartVersion(line.number("start", 0))
              .setForUpdateTs(line.number("forupdate", 0))
              .addAllKeys(line.keys())
              .build();
      case "prepareflashback" ->
          PrepareFlashbackToVersionRequest.newBuilder()
              .setContext(line.context())
              .setStartKey(line.bytes("from"))
              .setEndKey(line.bytes("to"))
              .setStartTs(line.number("start", 0))
              .setVersion(line.number("version", 0))
              .build();
      case "flashback" ->
          FlashbackToVersionRequest.newBuilder()
              .setContext(line.context())
              .setStartKey(line.bytes("from"))
              .setEndKey(line.bytes("to"))
              .setStartTs(line.number("start", 0))
              .setCommitTs(line.number("ts", 0))
              .setVersion(line.number("version", 0))
              .build();
      case String unknown -> throw new IllegalArgumentException("no verb " + unknown);
    };
  }

  private static Message status(ScriptLine line) {
    return CheckTxnStatusRequest.newBuilder()
        .setContext(line.context())
        .setPrimaryKey(line.keys().getFirst())
        .setLockTs(line.number("start", 0))
        .setCallerStartTs(line.number("caller", 0))
        .setCurrentTs(line.number("current", 0))
        .setRollbackIfNotExist(line.flag("rollback"))
        .setForceSyncCommit(line.flag("forcesync"))
        .setResolvingPessimisticLock(line.flag("resolvingpessimistic"))
        .setVerifyIsPrimary(line.flag("verify"))
        .build();
  }

  private static Message resolve(ScriptLine line) {
    ResolveLockRequest.Builder request =
        ResolveLockRequest.newBuilder()
            .setContext(line.context())
            .setStartVersion(line.number("start", 0))
            .setCommitVersion(line.number("ts", 0));
    for (String item : line.items()) {
      int arrow = item.indexOf(':');
      if (arrow < 0) {
        request.addKeys(ScriptLine.bytesOf(item));
      } else {
        request.addTxnInfos(
            TxnInfo.newBuilder()
                .setTxn(ScriptLine.timestamp(item.substring(0, arrow)))
                .setStatus(ScriptLine.timestamp(item.substring(arrow + 1))));
      }
    }
    return request.build();
  }

  private static Message prewrite(ScriptLine line) {
    PrewriteRequest.Builder request =
        PrewriteRequest.newBuilder()
            .setContext(line.context())
            .setStartVersion(line.number("start", 0))
            .setPrimaryLock(line.bytes("primary"))
            .setLockTtl(line.number("ttl", 3000))
            .setTxnSize(line.number("size", 0))
            .setForUpdateTs(line.number("forupdate", 0))
            .setMinCommitTs(line.number("mincommit", 0))
            .setMaxCommitTs(line.number("maxcommit", 0))
            .setUseAsyncCommit(line.flag("async"))
            .setTryOnePc(line.flag("onepc"))
            .setSkipConstraintCheck(line.flag("skipcheck"))
            .setAssertionLevel(AssertionLevel.valueOf(line.text("assert", "Off")))
            .addAllSecondaries(line.keys("secondaries"));
    for (String item : line.items()) {
      addMutation(request, item);
    }
    return request.build();
  }

  /**
   * {@code put:k=v} and behind it {@code !} or {@code ?} for the action, {@code @10}, {@code
   * +Exist}.
   */
  private static void addMutation(PrewriteRequest.Builder request, String item) {
    String rest = item;
    int at = rest.indexOf('@');
    if (at > 0) {
      request.addForUpdateTsConstraints(
          ForUpdateTSConstraint.newBuilder()
              .setIndex(request.getMutationsCount())
              .setExpectedForUpdateTs(ScriptLine.timestamp(rest.substring(at + 1))));
      rest = rest.substring(0, at);
    }
    PessimisticAction action = PessimisticAction.SKIP_PESSIMISTIC_CHECK;
    if (rest.endsWith("!")) {
      action = PessimisticAction.DO_PESSIMISTIC_CHECK;
    } else if (rest.endsWith("?")) {
      action = PessimisticAction.DO_CONSTRAINT_CHECK;
    }
    boolean marked = action != PessimisticAction.SKIP_PESSIMISTIC_CHECK;
    if (marked) {
      rest = rest.substring(0, rest.length() - 1);
    }
    if (marked || request.getForUpdateTs() != 0) {
      request.addPessimisticActions(action);
    }
    request.addMutations(mutation(rest));
  }

  private static Mutation mutation(String item) {
    Mutation.Builder mutation = Mutation.newBuilder();
    String rest = item;
    int plus = rest.indexOf('+');
    if (plus > 0) {
      mutation.setAssertion(Assertion.valueOf(rest.substring(plus + 1)));
      rest = rest.substring(0, plus);
    }
    int colon = rest.indexOf(':');
    Op op = OPS.get(rest.substring(0, colon));
    if (op == null) {
      throw new IllegalArgumentException("no op in " + item);
    }
    String[] keyValue = rest.substring(colon + 1).split("=", 2);
    mutation.setOp(op).setKey(ScriptLine.bytesOf(keyValue[0]));
    if (keyValue.length > 1) {
      mutation.setValue(ScriptLine.bytesOf(keyValue[1]));
    }
    return mutation.build();
  }

  private static Message flush(ScriptLine line) {
    FlushRequest.Builder request =
        FlushRequest.newBuilder()
            .setContext(line.context())
            .setStartTs(line.number("start", 0))
            .setPrimaryKey(line.bytes("primary"))
            .setGeneration(line.number("generation", 0))
            .setLockTtl(line.number("ttl", 3000))
            .setAssertionLevel(AssertionLevel.valueOf(line.text("assert", "Off")));
    line.items().forEach(item -> request.addMutations(mutation(item)));
    return request.build();
  }

  private static Message acquire(ScriptLine line) {
    PessimisticLockRequest.Builder request =
        PessimisticLockRequest.newBuilder()
            .setContext(line.context())
            .setStartVersion(line.number("start", 0))
            .setForUpdateTs(line.number("forupdate", 0))
            .setPrimaryLock(line.bytes("primary"))
            .setLockTtl(line.number("ttl", 3000))
            .setMinCommitTs(line.number("mincommit", 0))
            .setReturnValues(line.flag("values"))
            .setCheckExistence(line.flag("existence"))
            .setLockOnlyIfExists(line.flag("onlyifexists"))
            .setWakeUpMode(
                line.flag("force")
                    ? PessimisticLockWakeUpMode.WakeUpModeForceLock
                    : PessimisticLockWakeUpMode.WakeUpModeNormal);
    boolean shared = line.flag("shared");
    for (String item : line.items()) {
      if (item.indexOf(':') > 0) {
        request.addMutations(mutation(item));
      } else {
        String[] parts = item.split("\\+");
        Mutation.Builder mutation =
            Mutation.newBuilder()
                .setOp(shared ? Op.SharedPessimisticLock : Op.PessimisticLock)
                .setKey(ScriptLine.bytesOf(parts[0]));
        if (parts.length > 1) {
          mutation.setAssertion(Assertion.valueOf(parts[1]));
        }
        request.addMutations(mutation);
      }
    }
    return request.build();
  }
}
