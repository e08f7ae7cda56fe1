package io.rutile.store.peer;

import com.google.protobuf.InvalidProtocolBufferException;
import io.rutile.base.error.CorruptionException;
import io.rutile.engine.api.RaftLog;
import io.rutile.proto.eraftpb.ConfState;
import io.rutile.proto.eraftpb.Entry;
import io.rutile.proto.eraftpb.HardState;
import io.rutile.proto.eraftpb.Snapshot;
import io.rutile.proto.metapb.Peer;
import io.rutile.proto.metapb.Region;
import io.rutile.proto.raftserverpb.RaftTruncatedState;
import io.rutile.raft.log.CompactedException;
import io.rutile.raft.log.InitialState;
import io.rutile.raft.log.RaftStorage;
import io.rutile.raft.log.UnavailableException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;

/**
 * The durable log of one peer as its Raft node reads it: the shared log on disk with a cache of its
 * tail. Owned by: store loop.
 *
 * <p>It shows an entry only once the log writer has reported it durable, and forgets entries below
 * the truncation point at once, while the disk forgets them later.
 */
final class PeerStorage implements RaftStorage {
  private final long regionId;
  private final RaftLog log;
  private final PeerSnapshots snapshots;
  private final EntryCache cache;
  private HardState hardState;
  private ConfState confState;
  private long truncatedIndex;
  private long truncatedTerm;
  private long lastIndex;
  private long lastTerm;

  PeerStorage(
      long regionId,
      RaftLog log,
      PeerSnapshots snapshots,
      AtomicLong cachedBytes,
      HardState hardState,
      Region region,
      RaftTruncatedState truncated) {
    this.regionId = regionId;
    this.log = log;
    this.snapshots = snapshots;
    this.cache = new EntryCache(cachedBytes);
    this.hardState = hardState;
    this.confState = confStateOf(region);
    this.truncatedIndex = truncated.getIndex();
    this.truncatedTerm = truncated.getTerm();
    this.lastIndex = Math.max(log.lastIndex(regionId), truncatedIndex);
    this.lastTerm = term(lastIndex);
  }

  static ConfState confStateOf(Region region) {
    ConfState.Builder state = ConfState.newBuilder();
    boolean joint = false;
    for (Peer peer : region.getPeersList()) {
      switch (peer.getRole()) {
        case Voter, UNRECOGNIZED -> state.addVoters(peer.getId()).addVotersOutgoing(peer.getId());
        case Learner -> state.addLearners(peer.getId());
        case IncomingVoter -> {
          state.addVoters(peer.getId());
          joint = true;
        }
        case DemotingVoter -> {
          state.addVotersOutgoing(peer.getId()).addLearnersNext(peer.getId());
          joint = true;
        }
      }
    }
    return joint ? state.build() : state.clearVotersOutgoing().build();
  }

  @Override
  public InitialState initialState() {
    return new InitialState(hardState, confState);
  }

  HardState hardState() {
    return hardState;
  }

  void setHardState(HardState state) {
    hardState = state;
  }

  /** The log writer has these entries on disk. */
  void onPersisted(List<Entry> entries) {
    if (entries.isEmpty()) {
      return;
    }
    cache.append(entries);
    lastIndex = entries.getLast().getIndex();
    lastTerm = entries.getLast().getTerm();
  }

  /** The log now begins after a snapshot. */
  void restart(long index, long term, Region region) {
    cache.clear();
    truncatedIndex = index;
    truncatedTerm = term;
    lastIndex = index;
    lastTerm = term;
    confState = confStateOf(region);
  }

  /** Entries up to {@code index} may be forgotten. */
  void truncate(long index, long term) {
    truncatedIndex = index;
    truncatedTerm = term;
    cache.evictBelow(index + 1);
  }

  /** Frees memory: entries below {@code index} will come from disk if somebody asks. */
  void evictCacheBelow(long index) {
    cache.evictBelow(index);
  }

  boolean cacheEmpty() {
    return cache.isEmpty();
  }

  @Override
  public List<Entry> entries(long low, long high, long maxBytes) {
    if (low <= truncatedIndex) {
      throw new CompactedException("entry " + low + " of region " + regionId + " is compacted");
    }
    if (high > lastIndex + 1) {
      throw new UnavailableException("entry " + (high - 1) + " of region " + regionId);
    }
    List<Entry> entries = new ArrayList<>((int) Math.min(high - low, 1024));
    long bytes = 0;
    long next = low;
    if (!cache.holds(low)) {
      long diskEnd = cache.isEmpty() ? high : Math.min(high, cache.firstIndex());
      for (byte[] raw : log.entries(regionId, low, diskEnd, maxBytes)) {
        Entry entry = parse(raw, next);
        bytes += entry.getSerializedSize();
        entries.add(entry);
        next++;
      }
      if (next < diskEnd) {
        return entries;
      }
    }
    for (; next < high; next++) {
      Entry entry = cache.get(next);
      bytes += entry.getSerializedSize();
      if (bytes > maxBytes && !entries.isEmpty()) {
        break;
      }
      entries.add(entry);
    }
    return entries;
  }

  @Override
  public long term(long index) {
    if (index == truncatedIndex) {
      return truncatedTerm;
    }
    if (index < truncatedIndex) {
      throw new CompactedException("entry " + index + " of region " + regionId + " is compacted");
    }
    if (index > lastIndex) {
      throw new UnavailableException("entry " + index + " of region " + regionId);
    }
    if (index == lastIndex && lastTerm != 0) {
      return lastTerm;
    }
    if (cache.holds(index)) {
      return cache.get(index).getTerm();
    }
    byte[] raw = log.entry(regionId, index);
    if (raw == null) {
      throw new CorruptionException(
          "KV:Raftstore:Corruption",
          "the Raft log of region " + regionId + " has a hole at entry " + index);
    }
    return parse(raw, index).getTerm();
  }

  @Override
  public long firstIndex() {
    return truncatedIndex + 1;
  }

  @Override
  public long lastIndex() {
    return lastIndex;
  }

  @Override
  public Snapshot snapshot(long requestIndex, long to) {
    return snapshots.provide(requestIndex, truncatedIndex);
  }

  void close() {
    cache.clear();
  }

  private Entry parse(byte[] raw, long index) {
    try {
      Entry entry = Entry.parseFrom(raw);
      if (entry.getIndex() != index) {
        throw new CorruptionException(
            "KV:Raftstore:Corruption",
            "the Raft log of region "
                + regionId
                + " holds entry "
                + entry.getIndex()
                + " in place of "
                + index);
      }
      return entry;
    } catch (InvalidProtocolBufferException e) {
      throw new CorruptionException(
          "KV:Raftstore:Corruption",
          "entry " + index + " in the Raft log of region " + regionId + " cannot be decoded",
          e);
    }
  }
}
