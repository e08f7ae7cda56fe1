package io.rutile.store.meta;

import io.rutile.proto.metapb.RegionEpoch;
import io.rutile.proto.raftcmdpb.AdminCmdType;

/**
 * Which commands look at which half of an epoch, and which change it. Every peer must decide the
 * same, at propose and again at apply, so this table is part of the replicated state machine.
 */
public final class Epochs {
  /** What one kind of command does with the epoch. */
  public record Rule(
      boolean checksVersion,
      boolean checksConfVer,
      boolean changesVersion,
      boolean changesConfVer) {}

  public static final Rule NORMAL = new Rule(true, false, false, false);
  private static final Rule CONF_CHANGE = new Rule(false, true, false, true);
  private static final Rule RANGE_CHANGE = new Rule(true, true, true, false);
  private static final Rule PREPARE_MERGE = new Rule(true, true, true, true);
  private static final Rule CHECKED = new Rule(true, true, false, false);
  private static final Rule FREE = new Rule(false, false, false, false);

  private Epochs() {}

  public static Rule ruleOf(AdminCmdType type) {
    return switch (type) {
      case ChangePeer, ChangePeerV2, BatchSwitchWitness -> CONF_CHANGE;
      case Split, BatchSplit, CommitMerge, RollbackMerge -> RANGE_CHANGE;
      case PrepareMerge -> PREPARE_MERGE;
      case PrepareFlashback, FinishFlashback -> CHECKED;
      case TransferLeader, CompactLog, ComputeHash, VerifyHash, UpdateGcPeer -> FREE;
      case InvalidAdmin, UNRECOGNIZED -> CHECKED;
    };
  }

  /**
   * Whether a region in flashback refuses the command: it keeps its range and its peers. The second
   * half of a merge that began before is let through.
   */
  public static boolean isHeldByFlashback(AdminCmdType type) {
    return switch (type) {
      case ChangePeer, ChangePeerV2, BatchSwitchWitness, Split, BatchSplit, PrepareMerge -> true;
      case CommitMerge,
          RollbackMerge,
          PrepareFlashback,
          FinishFlashback,
          TransferLeader,
          CompactLog,
          ComputeHash,
          VerifyHash,
          UpdateGcPeer,
          InvalidAdmin,
          UNRECOGNIZED ->
          false;
    };
  }

  /** Whether a command with {@code asked} may run on a region at {@code current}. */
  public static boolean admits(Rule rule, RegionEpoch asked, RegionEpoch current) {
    return (!rule.checksVersion() || asked.getVersion() == current.getVersion())
        && (!rule.checksConfVer() || asked.getConfVer() == current.getConfVer());
  }

  /** Whether {@code a} is older than {@code b} in either half. */
  public static boolean isStale(RegionEpoch a, RegionEpoch b) {
    return a.getVersion() < b.getVersion() || a.getConfVer() < b.getConfVer();
  }
}
