package io.rutile.store.apply;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import io.rutile.base.error.CorruptionException;
import io.rutile.base.error.ErrorCategory;
import io.rutile.engine.api.Cf;
import io.rutile.engine.api.WriteBatch;
import io.rutile.proto.eraftpb.ConfChange;
import io.rutile.proto.eraftpb.ConfChangeSingle;
import io.rutile.proto.eraftpb.ConfChangeV2;
import io.rutile.proto.eraftpb.Entry;
import io.rutile.proto.eraftpb.EntryType;
import io.rutile.proto.raftcmdpb.AdminCmdType;
import io.rutile.proto.raftcmdpb.AdminRequest;
import io.rutile.proto.raftcmdpb.CommitMergeRequest;
import io.rutile.proto.raftcmdpb.RaftRequestHeader;
import io.rutile.proto.raftserverpb.PeerState;
import io.rutile.proto.raftserverpb.RaftApplyState;
import io.rutile.proto.raftserverpb.RaftTruncatedState;
import io.rutile.proto.raftserverpb.RegionLocalState;
import io.rutile.store.loop.StoreCommand;
import io.rutile.store.meta.DataKeys;
import io.rutile.store.meta.Epochs;
import io.rutile.store.meta.LocalKeys;
import io.rutile.store.meta.RegionHandle;
import io.rutile.store.meta.RegionImage;
import io.rutile.store.observe.AppliedBatch;
import io.rutile.txn.gate.Modify;
import io.rutile.txn.gate.RegionErrorException;
import io.rutile.txn.gate.RegionErrors;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The applied state of one region. Owned by: its apply worker.
 *
 * <p>Invariants, checked: entries come without a gap; an entry either takes effect completely or
 * not at all; whether it does depends on the entry and on this state only. While a merge waits for
 * the region that it takes in, later entries wait too; the worker's other regions do not.
 */
final class AppliedRegion implements EntryReader.Visitor {
  /** A merge that waits for the region it takes in. */
  private record Absorbing(Entry entry, CommitMergeRequest request) {}

  private final RegionHandle handle;
  private final ApplyContext context;
  private final AdminExecutor admin;
  private final ArrayDeque<PendingWrite> pending = new ArrayDeque<>();
  private RegionImage image;
  private RegionLocalState localState;
  private RaftTruncatedState truncated;
  private long appliedIndex;
  private long appliedTerm;
  private boolean touched;
  private long writtenBytes;
  private long writtenKeys;
  private List<AdminOutcome> outcomes = new ArrayList<>();
  private @Nullable List<Modify> observed;
  private @Nullable Absorbing absorbing;
  private final List<Entry> backlog = new ArrayList<>();

  AppliedRegion(ApplyCommand.Register start, ApplyContext context) {
    this.handle = start.handle();
    this.context = context;
    this.admin = new AdminExecutor(this, context);
    this.image = start.image();
    this.localState = start.state();
    this.truncated = start.truncated();
    this.appliedIndex = start.appliedIndex();
    this.appliedTerm = start.appliedTerm();
  }

  RegionImage image() {
    return image;
  }

  RegionLocalState localState() {
    return localState;
  }

  long appliedIndex() {
    return appliedIndex;
  }

  RaftTruncatedState truncated() {
    return truncated;
  }

  RegionHandle handle() {
    return handle;
  }

  void apply(ApplyCommand.Commit commit) {
    pending.addAll(commit.writes());
    apply(commit.entries());
  }

  private void apply(List<Entry> entries) {
    for (int i = 0; i < entries.size(); i++) {
      Entry entry = entries.get(i);
      if (absorbing != null) {
        backlog.addAll(entries.subList(i, entries.size()));
        break;
      }
      if (entry.getIndex() != appliedIndex + 1) {
        throw new IllegalStateException(
            image + " applied " + appliedIndex + " but was given entry " + entry.getIndex());
      }
      applyEntry(entry);
      if (absorbing == null) {
        applied(entry);
      }
    }
    if (!touched) {
      touched = true;
      context.touch(this);
    }
  }

  private void applied(Entry entry) {
    appliedIndex = entry.getIndex();
    appliedTerm = entry.getTerm();
  }

  /** Whether this region waits for {@code sourceId} to take it in. */
  boolean awaits(long sourceId) {
    Absorbing merge = absorbing;
    return merge != null && merge.request().getSource().getId() == sourceId;
  }

  /** The region that this one waits for is complete: takes it in and goes on. */
  void absorb(RegionLocalState source) {
    Absorbing merge = absorbing;
    if (merge == null) {
      throw new IllegalStateException(image + " does not wait for " + source);
    }
    absorbing = null;
    outcomes.add(admin.commitMerge(merge.entry(), merge.request(), source));
    finish(merge.entry(), null);
    applied(merge.entry());
    List<Entry> waited = List.copyOf(backlog);
    backlog.clear();
    apply(waited);
  }

  /** Puts the applied state into the batch that holds the changes it covers. */
  void putApplyState(WriteBatch batch) {
    RaftApplyState state =
        RaftApplyState.newBuilder()
            .setAppliedIndex(appliedIndex)
            .setCommitIndex(appliedIndex)
            .setCommitTerm(appliedTerm)
            .setTruncatedState(truncated)
            .build();
    batch.put(Cf.RAFT, LocalKeys.applyState(image.id()), state.toByteArray());
  }

  /** After the batch is readable: what the peer has to know. */
  ApplyResult takeResult() {
    touched = false;
    ApplyResult result =
        new ApplyResult(
            image.id(),
            image.self().getId(),
            appliedIndex,
            appliedTerm,
            outcomes,
            writtenBytes,
            writtenKeys);
    outcomes = new ArrayList<>();
    writtenBytes = 0;
    writtenKeys = 0;
    return result;
  }

  /** Nobody will complete what still waits here: say that its fate is unknown. */
  void abandon() {
    for (PendingWrite write : pending) {
      context.completeLater(
          write,
          RegionErrors.undeterminedResult(
              "the peer of region " + image.id() + " was removed before the write was applied"));
    }
    pending.clear();
  }

  void changeRegion(RegionImage changed, PeerState state) {
    changeState(
        localState.toBuilder().setRegion(changed.region()).setState(state).build(), changed);
  }

  void changeState(RegionLocalState state, RegionImage changed) {
    image = changed;
    localState = state;
    context.batch().put(Cf.RAFT, LocalKeys.regionState(image.id()), localState.toByteArray());
  }

  void truncate(RaftTruncatedState state) {
    truncated = state;
  }

  private void applyEntry(Entry entry) {
    if (entry.getEntryType() != EntryType.EntryNormal) {
      applyPeerChange(entry);
      return;
    }
    if (entry.getData().isEmpty()) {
      finish(entry, null);
      return;
    }
    EntryReader reader = context.reader();
    reader.reset(entry.getData());
    RegionErrorException error = null;
    AdminRequest command = reader.admin();
    if (command != null && command.getCmdType() == AdminCmdType.CommitMerge) {
      if (beginMerge(entry, reader.header(), command.getCommitMerge())) {
        return;
      }
    } else if (command != null) {
      outcomes.add(admin.execute(entry, reader.header(), command));
    } else {
      error = applyRequests(entry, reader);
    }
    finish(entry, error);
  }

  /** Has the source brought to a stand, if the merge is valid; until then nothing is applied. */
  private boolean beginMerge(Entry entry, RaftRequestHeader header, CommitMergeRequest request) {
    RegionErrorException refusal = admin.refusal(header, AdminCmdType.CommitMerge);
    if (refusal != null || !MergePlan.areNeighbours(image.region(), request.getSource())) {
      outcomes.add(new AdminOutcome.Refused(entry.getIndex(), entry.getTerm(), refusal));
      return false;
    }
    absorbing = new Absorbing(entry, request);
    context
        .services()
        .toLoop()
        .accept(
            new StoreCommand.CatchUp(
                request.getSource().getId(),
                image.id(),
                request.getCommit(),
                request.getEntriesList()));
    return true;
  }

  private @Nullable RegionErrorException applyRequests(Entry entry, EntryReader reader) {
    RaftRequestHeader header = reader.header();
    RegionErrorException refusal = refusal(header, Epochs.NORMAL);
    if (refusal != null) {
      return refusal;
    }
    boolean observing = context.observing();
    observed = observing ? new ArrayList<>() : null;
    WriteBatch batch = context.batch();
    batch.setSavePoint();
    long bytesBefore = writtenBytes;
    long keysBefore = writtenKeys;
    try {
      reader.visit(this);
    } catch (RegionErrorException e) {
      batch.rollbackToSavePoint();
      writtenBytes = bytesBefore;
      writtenKeys = keysBefore;
      observed = null;
      return e;
    }
    batch.popSavePoint();
    if (observed != null) {
      boolean onePc = (header.getFlags() & WriteFlags.ONE_PC) != 0;
      context.observe(
          new AppliedBatch(
              image.region(), entry.getTerm(), entry.getIndex(), onePc, List.copyOf(observed)));
      observed = null;
    }
    return null;
  }

  /** Why the state of the region forbids a command now, null when it does not. */
  @Nullable RegionErrorException refusal(RaftRequestHeader header, Epochs.Rule rule) {
    if (!Epochs.admits(rule, header.getRegionEpoch(), image.region().getRegionEpoch())) {
      return context.epochNotMatch(image);
    }
    boolean flashback = (header.getFlags() & WriteFlags.FLASHBACK) != 0;
    if (image.region().getIsInFlashback() && !flashback && rule == Epochs.NORMAL) {
      return RegionErrors.flashbackInProgress(image.id(), image.region().getFlashbackStartTs());
    }
    if (localState.getState() == PeerState.Merging && rule == Epochs.NORMAL) {
      return RegionErrors.proposalInMergingMode(image.id());
    }
    return null;
  }

  private void finish(Entry entry, @Nullable RegionErrorException error) {
    PendingWrite next = pending.peekFirst();
    while (next != null && next.index() <= entry.getIndex()) {
      pending.removeFirst();
      boolean mine = next.index() == entry.getIndex() && next.term() == entry.getTerm();
      context.completeLater(next, mine ? error : RegionErrors.staleCommand());
      next = pending.peekFirst();
    }
  }

  private void applyPeerChange(Entry entry) {
    ConfChangeV2 change = confChangeOf(entry);
    EntryReader reader = context.reader();
    reader.reset(change.getContext());
    if (reader.admin() == null) {
      throw new CorruptionException(
          "KV:Raftstore:Unknown",
          image + ": conf change entry " + entry.getIndex() + " carries no command");
    }
    outcomes.add(admin.changePeers(entry, reader.header(), reader.admin(), change));
    finish(entry, null);
  }

  private static ConfChangeV2 confChangeOf(Entry entry) {
    try {
      if (entry.getEntryType() == EntryType.EntryConfChangeV2) {
        return ConfChangeV2.parseFrom(entry.getData());
      }
      ConfChange single = ConfChange.parseFrom(entry.getData());
      return ConfChangeV2.newBuilder()
          .addChanges(
              ConfChangeSingle.newBuilder()
                  .setChangeType(single.getChangeType())
                  .setNodeId(single.getNodeId()))
          .setContext(single.getContext())
          .build();
    } catch (InvalidProtocolBufferException e) {
      throw new CorruptionException(
          "KV:Raftstore:Protobuf", "conf change entry cannot be decoded", e);
    }
  }

  @Override
  public void put(Cf cf, byte[] dataKey, byte[] value) {
    requireWithin(dataKey);
    context.batch().put(cf, dataKey, value);
    writtenKeys++;
    writtenBytes += dataKey.length + value.length;
    if (observed != null) {
      observed.add(new Modify.Put(cf, DataKeys.origin(dataKey), value));
    }
  }

  @Override
  public void delete(Cf cf, byte[] dataKey) {
    requireWithin(dataKey);
    context.batch().delete(cf, dataKey);
    writtenKeys++;
    writtenBytes += dataKey.length;
    if (observed != null) {
      observed.add(new Modify.Delete(cf, DataKeys.origin(dataKey)));
    }
  }

  @Override
  public void deleteRange(Cf cf, byte[] start, byte[] end, boolean notifyOnly) {
    if (!image.contains(start) || !image.containsEnd(end)) {
      throw RegionErrors.keyNotInRegion(start, image.id(), image.start(), image.end());
    }
    if (!notifyOnly) {
      context.batch().deleteRange(cf, DataKeys.of(start), DataKeys.endOf(end));
    }
    if (observed != null) {
      observed.add(new Modify.DeleteRange(cf, start, end, notifyOnly));
    }
  }

  @Override
  public void ingest(ByteString sstMeta) {
    throw RegionErrors.message(
        "KV:Raftstore:Unknown", ErrorCategory.CALLER, "ingesting files is not supported");
  }

  private void requireWithin(byte[] dataKey) {
    byte[] start = image.start();
    byte[] end = image.end();
    if (compareOrigin(dataKey, start) < 0 || (end.length > 0 && compareOrigin(dataKey, end) >= 0)) {
      throw RegionErrors.keyNotInRegion(DataKeys.origin(dataKey), image.id(), start, end);
    }
  }

  private static int compareOrigin(byte[] dataKey, byte[] key) {
    return java.util.Arrays.compareUnsigned(dataKey, 1, dataKey.length, key, 0, key.length);
  }
}
