package io.rutile.verify.raft;

import com.google.protobuf.ByteString;
import io.rutile.proto.eraftpb.ConfChangeSingle;
import io.rutile.proto.eraftpb.ConfChangeTransition;
import io.rutile.proto.eraftpb.ConfChangeType;
import io.rutile.proto.eraftpb.ConfChangeV2;
import io.rutile.raft.core.ProposalDroppedException;
import io.rutile.raft.core.RaftNode;
import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;

/** What goes wrong, and what operators do meanwhile. */
final class SimTrouble {
  private static final int DOWN_TICKS_MAX = 60;
  private static final int SOON_BACK_TICKS = 2;
  private static final int CUT_TICKS_MAX = 60;
  private static final int PAUSE_TICKS_MAX = 30;

  private final RaftSim sim;
  private final SimOptions options;
  private final RandomGenerator random;
  private boolean over;
  private long crashes;
  private long confChanges;
  private long transfers;

  SimTrouble(RaftSim sim) {
    this.sim = sim;
    this.options = sim.options;
    this.random = sim.random;
  }

  long crashes() {
    return crashes;
  }

  long confChanges() {
    return confChanges;
  }

  long transfers() {
    return transfers;
  }

  void begin() {
    List<Runnable> kinds = new ArrayList<>();
    add(kinds, options.crashes(), this::crash);
    add(kinds, options.crashes(), this::blink);
    add(kinds, options.partitions(), this::partition);
    add(kinds, options.pauses(), this::pause);
    add(kinds, options.confChanges(), this::changeMembers);
    add(kinds, options.confChanges(), this::changeMembers);
    add(kinds, options.transfers(), this::transfer);
    add(kinds, options.compaction(), this::compact);
    add(kinds, options.compaction(), this::delaySnapshots);
    kinds.add(this::campaign);
    schedule(kinds);
  }

  private static void add(List<Runnable> kinds, boolean enabled, Runnable kind) {
    if (enabled) {
      kinds.add(kind);
    }
  }

  private void schedule(List<Runnable> kinds) {
    sim.clock.after(
        1 + random.nextInt(12 * SimOptions.TICK),
        () -> {
          if (!over) {
            kinds.get(random.nextInt(kinds.size())).run();
            schedule(kinds);
          }
        });
  }

  void end() {
    over = true;
  }

  private SimNode anyNode() {
    return sim.nodes.get(random.nextInt(sim.nodes.size()));
  }

  private boolean works(SimNode node) {
    return node.isUp() && node.pausedUntil <= sim.clock.now() && node.missedTicks == 0;
  }

  private void crash() {
    crash(anyNode(), random.nextBoolean() ? SOON_BACK_TICKS : DOWN_TICKS_MAX);
  }

  private void crash(SimNode node, int downTicksMax) {
    if (!node.isUp()) {
      return;
    }
    sim.trace(10, node.id);
    crashes++;
    node.crash();
    sim.clock.after(
        (long) random.nextInt(downTicksMax) * SimOptions.TICK + 1,
        () -> {
          if (!node.isUp()) {
            node.pausedUntil = 0;
            node.missedTicks = 0;
            sim.restart(node);
          }
        });
  }

  /** All but one node blink, and one of them stands for election as soon as it is back. */
  private void blink() {
    long spared = anyNode().id;
    for (SimNode node : sim.nodes) {
      if (node.id != spared) {
        crash(node, 1);
      }
    }
    sim.clock.after(SimOptions.TICK / 10, this::campaign);
  }

  /** Cuts one link one way, or isolates a node, or splits the group. */
  private void partition() {
    int kind = random.nextInt(3);
    long a = anyNode().id;
    long b = anyNode().id;
    int side = random.nextInt(1 << sim.nodes.size());
    for (SimNode from : sim.nodes) {
      for (SimNode to : sim.nodes) {
        boolean cut =
            switch (kind) {
              case 0 -> from.id == a && to.id == b;
              case 1 -> from.id == a || to.id == a;
              default -> (side >> from.id & 1) != (side >> to.id & 1);
            };
        if (cut) {
          sim.network.cut(from.id, to.id);
        }
      }
    }
    sim.trace(11, kind);
    sim.clock.after(
        (long) random.nextInt(CUT_TICKS_MAX) * SimOptions.TICK, () -> sim.network.heal());
  }

  private void pause() {
    SimNode node = anyNode();
    node.pausedUntil = sim.clock.now() + (long) random.nextInt(PAUSE_TICKS_MAX) * SimOptions.TICK;
    sim.trace(12, node.id);
  }

  private void changeMembers() {
    SimNode node = anyNode();
    if (!works(node) || !node.raft().isLeader()) {
      return;
    }
    RaftNode raft = node.raft();
    ConfChangeV2.Builder change = ConfChangeV2.newBuilder();
    if (raft.confState().getVotersOutgoingCount() == 0) {
      int count = 1 + random.nextInt(3);
      for (int i = 0; i < count; i++) {
        change.addChanges(randomChange());
      }
      if (random.nextInt(3) == 0) {
        change.setTransition(
            random.nextBoolean() ? ConfChangeTransition.Explicit : ConfChangeTransition.Implicit);
      }
    }
    try {
      raft.proposeConfChange(ByteString.EMPTY, change.build());
      confChanges++;
    } catch (ProposalDroppedException dropped) {
      sim.trace(13, dropped.reason().ordinal());
    }
    sim.pump(node);
  }

  private ConfChangeSingle randomChange() {
    ConfChangeType type =
        switch (random.nextInt(5)) {
          case 0 -> ConfChangeType.RemoveNode;
          case 1 -> ConfChangeType.AddLearnerNode;
          default -> ConfChangeType.AddNode;
        };
    return ConfChangeSingle.newBuilder().setChangeType(type).setNodeId(anyNode().id).build();
  }

  private void transfer() {
    SimNode node = anyNode();
    if (works(node)) {
      transfers++;
      node.raft().transferLeader(anyNode().id);
      sim.pump(node);
    }
  }

  private void compact() {
    for (SimNode node : sim.nodes) {
      if (works(node)) {
        node.disk.flush(node.machine());
        node.disk.compactTo(node.machine().index() - random.nextInt(5));
      }
    }
  }

  private void delaySnapshots() {
    anyNode().disk.setSnapshotReady(random.nextBoolean());
  }

  private void campaign() {
    SimNode node = anyNode();
    if (works(node)) {
      node.raft().campaign();
      sim.pump(node);
    }
  }
}
