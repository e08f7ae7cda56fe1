package io.rutile.verify.raft;

import static io.rutile.verify.mutant.Mutations.doNothing;
import static io.rutile.verify.mutant.Mutations.dropAssignment;
import static io.rutile.verify.mutant.Mutations.insteadOfMin;
import static io.rutile.verify.mutant.Mutations.readAsZero;
import static io.rutile.verify.mutant.Mutations.replaceBody;
import static io.rutile.verify.mutant.Mutations.returnBoolean;

import io.rutile.verify.mutant.Mutant;
import java.lang.classfile.CodeTransform;
import java.lang.constant.ClassDesc;
import java.lang.constant.ConstantDescs;
import java.lang.constant.MethodTypeDesc;
import java.util.List;

/** Faults in the consensus core that {@link RaftSim} must notice. */
public final class RaftMutants {
  private static final String CORE = "io.rutile.raft.core.";
  private static final ClassDesc MAJORITY = ClassDesc.of("io.rutile.raft.quorum.Majority");
  private static final ClassDesc JOINT = ClassDesc.of("io.rutile.raft.quorum.JointQuorum");
  private static final ClassDesc OUTBOX = ClassDesc.of("io.rutile.raft.core.Outbox");
  private static final ClassDesc MESSAGE = ClassDesc.of("io.rutile.proto.eraftpb.Message");

  private RaftMutants() {}

  public static List<Mutant> all() {
    return List.of(
        new Mutant(
            "vote not persisted", CORE + "ReadyAssembler", "voteChanged", returnBoolean(false)),
        new Mutant(
            "promises sent before the write", CORE + "Outbox", "sendAfterWrite", sendAtOnce()),
        new Mutant(
            "own log counted before the write",
            "io.rutile.raft.log.RaftLogView",
            "persisted",
            replaceBody(code ->
                code.aload(0)
                    .invokevirtual(
                        ClassDesc.of("io.rutile.raft.log.RaftLogView"),
                        "lastIndex",
                        MethodTypeDesc.ofDescriptor("()J"))
                    .lreturn())),
        new Mutant(
            "cut tail vouched for by an older write",
            "io.rutile.raft.log.RaftLogView",
            "cutFrom",
            dropAssignment("lastIndex")),
        new Mutant(
            "lease kept over a transfer",
            "io.rutile.raft.readonly.LeaderLease",
            "revoke",
            doNothing()),
        new Mutant(
            "lease never ends",
            "io.rutile.raft.readonly.LeaderLease",
            "isValid",
            returnBoolean(true)),
        new Mutant(
            "votes not withheld from a live leader's rivals",
            CORE + "Elections",
            "withholdsVote",
            returnBoolean(false)),
        new Mutant(
            "restart forgets the leader's lease",
            CORE + "RaftConfig$Builder",
            "mayOweLease",
            replaceBody(code -> code.aload(0).areturn())),
        new Mutant(
            "joint commitment counted as simple",
            "io.rutile.raft.quorum.JointQuorum",
            "committed",
            incomingOnly("committed", "(Lio/rutile/raft/quorum/IndexLookup;)J")),
        new Mutant(
            "joint votes counted as simple",
            "io.rutile.raft.quorum.JointQuorum",
            "vote",
            incomingOnly(
                "vote", "(Lio/rutile/raft/quorum/VoteLookup;)Lio/rutile/raft/quorum/VoteResult;")),
        new Mutant(
            "entries of older terms committed by counting",
            CORE + "Replication",
            "advanceCommit",
            readAsZero("termStartIndex")),
        new Mutant(
            "vote for a candidate with an older log",
            "io.rutile.raft.log.RaftLogView",
            "isUpToDate",
            returnBoolean(true)),
        new Mutant("second vote in a term", CORE + "Elections", "mayVoteFor", returnBoolean(true)),
        new Mutant(
            "commit index from beyond the append",
            CORE + "Following",
            "onAppend",
            insteadOfMin(true)),
        new Mutant(
            "heartbeat tells a commit index beyond the match",
            CORE + "Reads",
            "sendHeartbeat",
            insteadOfMin(false)),
        new Mutant(
            "read before the first commit of the term",
            CORE + "PeerState",
            "commitToCurrentTerm",
            returnBoolean(true)),
        new Mutant(
            "snapshot without its members",
            CORE + "Following",
            "restore",
            dropAssignment("configuration")),
        new Mutant(
            "second conf change while one is pending",
            CORE + "Replication",
            "hasPendingConf",
            returnBoolean(false)),
        new Mutant(
            "appended without the preceding entry",
            "io.rutile.raft.log.RaftLogView",
            "matches",
            returnBoolean(true)),
        new Mutant(
            "disk that loses what it had synced",
            "io.rutile.verify.raft.SimDisk",
            "write",
            lossy()));
  }

  private static CodeTransform sendAtOnce() {
    return replaceBody(code ->
        code.aload(0)
            .aload(1)
            .invokevirtual(OUTBOX, "send", MethodTypeDesc.of(ConstantDescs.CD_void, MESSAGE))
            .return_());
  }

  private static CodeTransform incomingOnly(String method, String descriptor) {
    return replaceBody(code -> {
      code.aload(0)
          .getfield(JOINT, "incoming", MAJORITY)
          .aload(1)
          .invokevirtual(MAJORITY, method, MethodTypeDesc.ofDescriptor(descriptor));
      if (descriptor.endsWith("J")) {
        code.lreturn();
      } else {
        code.areturn();
      }
    });
  }

  /** The state that was synced is not remembered, so that a crash brings an older one back. */
  private static CodeTransform lossy() {
    return dropAssignment("syncedHardState");
  }
}
