package io.rutile.store.peer;

import com.google.protobuf.ByteString;
import io.rutile.proto.raftcmdpb.RaftRequestHeader;
import io.rutile.raft.core.ProposalDroppedException;
import io.rutile.raft.core.RaftNode;
import io.rutile.store.apply.EntryEncoder;
import io.rutile.store.apply.PendingWrite;
import io.rutile.store.meta.RegionImage;
import io.rutile.txn.gate.Applied;
import io.rutile.txn.gate.RegionErrorException;
import io.rutile.txn.gate.RegionErrors;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/**
 * Writes of one peer: those that wait to share an entry, and those proposed and not yet committed.
 * Owned by: store loop.
 *
 * <p>Writes that come in one turn are joined into one entry as long as their header flags agree and
 * the entry stays below 40 % of the largest entry; a write above 20 % goes alone.
 */
final class WriteQueue {
  private static final double BATCH_SHARE = 0.4;
  private static final double SINGLE_SHARE = 0.2;

  private final StoreContext store;
  private final List<WriteRequest> waiting = new ArrayList<>();
  private final ArrayDeque<PendingWrite> inFlight = new ArrayDeque<>();

  WriteQueue(StoreContext store) {
    this.store = store;
  }

  boolean hasWaiting() {
    return !waiting.isEmpty();
  }

  boolean hasInFlight() {
    return !inFlight.isEmpty();
  }

  void add(WriteRequest request) {
    waiting.add(request);
  }

  /** Proposes everything that waits. */
  void propose(RaftNode node, RegionImage image, long nowNanos) {
    int from = 0;
    while (from < waiting.size()) {
      int to = batchEnd(from);
      proposeBatch(node, image, waiting.subList(from, to), nowNanos);
      from = to;
    }
    waiting.clear();
  }

  private int batchEnd(int from) {
    long max = store.config().log().entryMaxBytes();
    WriteRequest first = waiting.get(from);
    long bytes = first.requests().length;
    int to = from + 1;
    if (!store.config().log().cmdBatch() || bytes > max * SINGLE_SHARE) {
      return to;
    }
    while (to < waiting.size()) {
      WriteRequest next = waiting.get(to);
      long size = next.requests().length;
      if (next.flags() != first.flags()
          || size > max * SINGLE_SHARE
          || bytes + size > max * BATCH_SHARE) {
        break;
      }
      bytes += size;
      to++;
    }
    return to;
  }

  private void proposeBatch(
      RaftNode node, RegionImage image, List<WriteRequest> batch, long nowNanos) {
    List<byte[]> runs = new ArrayList<>(batch.size());
    List<CompletableFuture<Applied>> waiters = new ArrayList<>(batch.size());
    int bytes = 0;
    for (WriteRequest request : batch) {
      runs.add(request.requests());
      waiters.add(request.done());
      bytes += request.requests().length;
    }
    RaftRequestHeader header =
        RaftRequestHeader.newBuilder()
            .setRegionId(image.id())
            .setPeer(image.self())
            .setRegionEpoch(image.region().getRegionEpoch())
            .setTerm(node.term())
            .setFlags(batch.getFirst().flags())
            .build();
    ByteString data = EntryEncoder.command(header, runs, bytes);
    if (data.size() > store.config().log().entryMaxBytes()) {
      RegionErrorException error = RegionErrors.raftEntryTooLarge(image.id(), data.size());
      waiters.forEach(waiter -> waiter.completeExceptionally(error));
      return;
    }
    try {
      long index = node.propose(ByteString.EMPTY, data);
      inFlight.add(new PendingWrite(node.term(), index, nowNanos, waiters));
      store.metrics().proposed();
    } catch (ProposalDroppedException e) {
      RegionErrorException error = dropped(e, image, node);
      waiters.forEach(waiter -> waiter.completeExceptionally(error));
    }
  }

  static RegionErrorException dropped(
      ProposalDroppedException e, RegionImage image, RaftNode node) {
    return switch (e.reason()) {
      case NOT_LEADER -> RequestChecks.notLeader(image, node.leaderId());
      case TRANSFERRING_LEADER -> RegionErrors.notLeader(image.id(), null);
      case TOO_MUCH_UNCOMMITTED -> RegionErrors.serverIsBusy("raft log is growing too fast");
      case CONF_CHANGE_PENDING, WRONG_JOINT_STATE, INVALID_CONF_CHANGE ->
          RegionErrors.staleCommand();
    };
  }

  /** The writes of entries up to {@code index}, which are committed now, by rising index. */
  List<PendingWrite> takeUpTo(long index) {
    if (inFlight.isEmpty()) {
      return List.of();
    }
    if (inFlight.getFirst().term() != inFlight.getLast().term()) {
      return takeOfSeveralTerms(index);
    }
    if (inFlight.getFirst().index() > index) {
      return List.of();
    }
    List<PendingWrite> taken = new ArrayList<>();
    while (!inFlight.isEmpty() && inFlight.getFirst().index() <= index) {
      taken.add(inFlight.removeFirst());
    }
    return taken;
  }

  /**
   * Writes of an earlier leadership may have higher indexes than those of the present one, which
   * replaced them in the log; each is settled when its own index is.
   */
  private List<PendingWrite> takeOfSeveralTerms(long index) {
    List<PendingWrite> taken = new ArrayList<>();
    inFlight.removeIf(write -> {
      boolean settled = write.index() <= index;
      if (settled) {
        taken.add(write);
      }
      return settled;
    });
    taken.sort(Comparator.comparingLong(PendingWrite::index));
    return taken;
  }

  /** What was not proposed yet will not be. */
  void failWaiting(RegionErrorException error) {
    waiting.forEach(request -> request.fail(error));
    waiting.clear();
  }

  /** What was proposed may still be committed by others, but nobody here will learn of it. */
  void abandonInFlight(long regionId) {
    RegionErrorException error =
        RegionErrors.undeterminedResult(
            "the peer of region " + regionId + " cannot follow what became of the write");
    inFlight.forEach(write -> write.fail(error));
    inFlight.clear();
  }
}
