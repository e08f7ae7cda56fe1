package io.rutile.verify.txn;

import static io.rutile.verify.mutant.Mutations.atStart;
import static io.rutile.verify.mutant.Mutations.beforeCall;
import static io.rutile.verify.mutant.Mutations.doNothing;
import static io.rutile.verify.mutant.Mutations.dropAssignment;
import static io.rutile.verify.mutant.Mutations.insteadOfCall;
import static io.rutile.verify.mutant.Mutations.replaceBody;
import static io.rutile.verify.mutant.Mutations.returnBoolean;
import static java.lang.constant.ConstantDescs.CD_long;
import static java.lang.constant.ConstantDescs.CD_void;

import io.rutile.verify.mutant.Mutant;
import java.lang.classfile.CodeBuilder;
import java.lang.classfile.CodeTransform;
import java.lang.classfile.TypeKind;
import java.lang.constant.ClassDesc;
import java.lang.constant.MethodTypeDesc;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;

/** Faults in the transaction layer, each of which the scripts or {@link TxnSim} must notice. */
public final class TxnMutants {
  private static final String COMMAND = "io.rutile.txn.command.";
  private static final String ACTION = COMMAND + "action.";
  private static final String RECORD = "io.rutile.txn.record.";
  private static final String CONCURRENCY = "io.rutile.txn.concurrency.ConcurrencyManager";
  private static final ClassDesc GUARD = ClassDesc.of(COMMAND + "ConcurrencyView$Guard");
  private static final ClassDesc LATCH_HOLD = ClassDesc.of("io.rutile.txn.latch.LatchHold");
  private static final ClassDesc COMMAND_RUN = ClassDesc.of("io.rutile.txn.scheduler.CommandRun");
  private static final ClassDesc LAST_CHANGE = ClassDesc.of(RECORD + "LastChange");
  private static final ClassDesc NO_LOCK = ClassDesc.of(ACTION + "PrewriteAction$LockStatus$None");

  private TxnMutants() {}

  public static List<Mutant> all() {
    return Stream.of(conflicts(), rollbacks(), asyncCommits(), locks(), records())
        .flatMap(List::stream)
        .toList();
  }

  private static Mutant mutant(String name, String type, String method, CodeTransform change) {
    return new Mutant(name, type, method, change);
  }

  private static List<Mutant> conflicts() {
    return List.of(
        mutant(
            "conflict check off by one",
            ACTION + "PrewriteAction",
            "checkVersion",
            beforeCall("Long", "compareUnsigned", code -> code.lconst_1().ladd())),
        mutant(
            "pessimistic lock over a newer version",
            ACTION + "PessimisticLockAction",
            "acquireNew",
            insteadOfCall("PessimisticLockAction$Spec", "allowConflict", pushed(true))),
        mutant(
            "lost pessimistic lock made good without a look",
            ACTION + "PrewriteAction",
            "judgeMissing",
            replaceBody(code ->
                code.new_(NO_LOCK)
                    .dup()
                    .getstatic(LAST_CHANGE, "UNKNOWN", LAST_CHANGE)
                    .invokespecial(NO_LOCK, "<init>", MethodTypeDesc.of(CD_void, LAST_CHANGE))
                    .areturn())),
        mutant(
            "expected for_update_ts not compared",
            ACTION + "PrewriteMutation",
            "expectedForUpdateTs",
            replaceBody(code -> code.aconst_null().areturn())),
        mutant("insert over a value", ACTION + "PrewriteAction", "checkNotExists", doNothing()));
  }

  private static List<Mutant> rollbacks() {
    return List.of(
        mutant("rollback record dropped", ACTION + "RollbackAction", "putRollback", doNothing()),
        mutant(
            "own rollback overlooked",
            ACTION + "PrewriteAction",
            "checkVersion",
            insteadOfCall("Write", "type", code -> code.pop().aconst_null())),
        mutant(
            "overlapped rollback overlooked",
            RECORD + "Write",
            "hasOverlappedRollback",
            returnBoolean(false)),
        mutant(
            "overlapped rollback lost",
            RECORD + "Write",
            "withOverlappedRollback",
            replaceBody(code -> code.aload(0).areturn())),
        mutant(
            "rollback not noted on another's async lock",
            ACTION + "RollbackAction",
            "noteOnOthersLock",
            doNothing()),
        mutant(
            "rollbacks in the lock forgotten by its commit",
            ACTION + "CommitAction",
            "write",
            insteadOfCall(
                "Lock", "rollbackTs", code -> code.pop().iconst_0().newarray(TypeKind.LONG))),
        mutant(
            "protected rollbacks collapsed",
            ACTION + "RollbackAction",
            "collapsePrevious",
            insteadOfCall("Write", "isProtectedRollback", pushed(false))),
        mutant(
            "rollback of a primary not protected",
            ACTION + "RollbackAction",
            "rollBackLock",
            insteadOfCall("Lock", "isPrimary", code -> code.pop2().iconst_0())),
        mutant(
            "rolled back transaction locks again",
            ACTION + "PessimisticLockAction",
            "checkRolledBack",
            doNothing()),
        mutant(
            "missing secondary not forbidden",
            ACTION + "RollbackAction",
            "forbid",
            insteadOfCall("RollbackAction", "putRollback", code -> code.pop2().pop2().pop2())),
        mutant(
            "fence of a rewritten record ignored",
            RECORD + "WriteRef",
            "isUsableAt",
            returnBoolean(true)),
        mutant(
            "fence of a rewritten record not set",
            "io.rutile.txn.mvcc.CommitRecord$Overlapped",
            "gcFence",
            replaceBody(code -> code.lconst_0().lreturn())));
  }

  private static List<Mutant> asyncCommits() {
    return List.of(
        mutant(
            "min_commit_ts ignored by commits",
            ACTION + "CommitAction",
            "commit",
            insteadOfCall("Lock", "minCommitTs", code -> code.pop().lconst_0())),
        mutant(
            "memory lock not published", CONCURRENCY + "$Slot", "publish", dropAssignment("lock")),
        mutant(
            "memory lock taken away before the write is applied",
            ACTION + "TxnChanges",
            "addGuard",
            replaceBody(code ->
                code.aload(1)
                    .invokeinterface(GUARD, "close", MethodTypeDesc.of(CD_void))
                    .return_())),
        mutant("readers do not see memory locks", CONCURRENCY, "checkKey", doNothing()),
        mutant("scans do not see memory locks", CONCURRENCY, "checkRange", doNothing()),
        mutant("reads do not raise max_ts", CONCURRENCY, "updateMaxTs", doNothing()),
        mutant(
            "min_commit_ts not above max_ts",
            CONCURRENCY + "$Slot",
            "publish",
            insteadOfCall("AtomicLong", "get", code -> code.pop().lconst_0())),
        mutant(
            "new leader does not wait for max_ts",
            COMMAND + "Prewrite",
            "process",
            insteadOfCall("RegionSnapshot", "maxTsSynced", pushed(true))),
        mutant(
            "lock that fell back keeps its async flag",
            RECORD + "Lock$Builder",
            "noAsyncCommit",
            replaceBody(code -> code.aload(0).areturn())),
        mutant(
            "expired async commit rolled back by its primary alone",
            COMMAND + "CheckTxnStatus",
            "lockExists",
            insteadOfCall("Lock", "useAsyncCommit", pushed(false))),
        mutant(
            "reader's push not written",
            COMMAND + "CheckTxnStatus",
            "push",
            insteadOfCall("TxnChanges", "putLock", code -> code.pop2().pop())));
  }

  private static List<Mutant> locks() {
    return List.of(
        mutant(
            "commands on one key at the same time",
            "io.rutile.txn.latch.LatchHold",
            "of",
            replaceBody(code ->
                code.new_(LATCH_HOLD)
                    .dup()
                    .iconst_0()
                    .newarray(TypeKind.INT)
                    .aload(2)
                    .invokespecial(
                        LATCH_HOLD,
                        "<init>",
                        MethodTypeDesc.ofDescriptor("([ILjava/lang/Runnable;)V"))
                    .areturn())),
        mutant(
            "latches given back before the write is applied",
            "io.rutile.txn.scheduler.CommandRun",
            "propose",
            insteadOfCall(
                "CompletableFuture",
                "whenComplete",
                code ->
                    code.pop2()
                        .aload(0)
                        .aload(1)
                        .invokevirtual(
                            COMMAND_RUN,
                            "applied",
                            MethodTypeDesc.of(CD_void, ClassDesc.of(COMMAND + "WriteResult")))
                        .aconst_null())),
        mutant(
            "lock lives for no time", ACTION + "CleanupAction", "isExpired", returnBoolean(true)),
        mutant(
            "lock of another transaction overwritten",
            ACTION + "PrewriteAction",
            "othersLock",
            replaceBody(code -> code.aconst_null().areturn())),
        mutant(
            "primary not verified",
            COMMAND + "CheckTxnStatus",
            "lockExists",
            insteadOfCall("Lock", "isPrimary", code -> code.pop2().iconst_1())),
        mutant(
            "readers pass every lock",
            "io.rutile.txn.mvcc.LockCheck",
            "checkSnapshot",
            insteadOfCall("TxnError$KeyIsLocked", "exception", code -> code.pop().aconst_null())));
  }

  private static List<Mutant> records() {
    return List.of(
        mutant(
            "garbage collected past the safe point",
            ACTION + "GcAction",
            "collect",
            atStart(code -> code.ldc(-1L).lstore(3))),
        mutant(
            "garbage collection takes the newest value",
            ACTION + "GcAction",
            "collect",
            insteadOfCall("WriteType", "changesValue", pushed(false))),
        mutant(
            "value of a rolled back write left behind",
            ACTION + "TxnChanges",
            "deleteValue",
            doNothing()),
        mutant("long values not written", ACTION + "TxnChanges", "putValue", doNothing()),
        mutant(
            "hint to older versions off by one",
            RECORD + "LastChange$Exist",
            "timestamp",
            minusOne("timestamp")));
  }

  /** In place of a method without arguments that answers true or false. */
  private static Consumer<CodeBuilder> pushed(boolean value) {
    return code -> code.pop().loadConstant(value ? 1 : 0);
  }

  private static CodeTransform minusOne(String field) {
    return replaceBody(code ->
        code.aload(0)
            .getfield(ClassDesc.of(RECORD + "LastChange$Exist"), field, CD_long)
            .lconst_1()
            .lsub()
            .lreturn());
  }
}
