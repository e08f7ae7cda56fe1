package io.rutile.store.loop;

import io.rutile.proto.metapb.Region;
import io.rutile.proto.raftserverpb.RaftMessage;
import io.rutile.store.apply.ApplyCommand;
import io.rutile.store.apply.ApplyResult;
import io.rutile.store.peer.LogAppend;
import io.rutile.store.peer.Peer;
import io.rutile.store.peer.PeerHost;
import io.rutile.store.peer.PeerStart;
import io.rutile.store.peer.StoreContext;
import io.rutile.txn.gate.RegionErrors;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Owns the peers of the regions that fall to it and runs them, many in one turn.
 *
 * <p>A turn: take commands, tick when it is time, let every peer that something happened to propose
 * and collect its Ready; then send messages, hand all entries to the log writer as one command, and
 * committed entries to the apply workers. So one fsync serves all regions of a turn, and a message
 * never waits for the disk unless it promises something about it.
 *
 * <p>Owned by: its own thread; others reach it through {@link #mailbox()}.
 */
public final class StoreLoop implements Agent, PeerHost {
  private final int index;
  private final StoreContext store;
  private final LoopLinks links;
  private final Mailbox<StoreCommand> mailbox = new Mailbox<>();
  private final Map<Long, Peer> peers = new LinkedHashMap<>();
  private final long tickNanos;
  private List<Peer> dirty = new ArrayList<>();
  private List<Peer> driving = new ArrayList<>();
  private List<LogAppend> appends = new ArrayList<>();
  private boolean sent;
  private long turnNanos;
  private long nextTickNanos;

  public StoreLoop(int index, StoreContext store, LoopLinks links) {
    this.index = index;
    this.store = store;
    this.links = links;
    this.tickNanos = store.config().election().baseTick().toNanos();
    this.turnNanos = store.clock().monotonicNanos();
    this.nextTickNanos = turnNanos + tickNanos;
  }

  @Override
  public String name() {
    return "store-loop-" + index;
  }

  @Override
  public Mailbox<StoreCommand> mailbox() {
    return mailbox;
  }

  @Override
  public long nextTurnNanos() {
    return nextTickNanos;
  }

  /** Takes on a peer that was here before the store started. Before the first turn. */
  public void load(PeerStart start) {
    Peer peer = new Peer(store, this, start);
    peers.put(peer.regionId(), peer);
    if (peer.isLoneVoter()) {
      peer.campaign();
    }
  }

  @Override
  public boolean turn() {
    turnNanos = store.clock().monotonicNanos();
    int taken = 0;
    int most = store.config().pools().messagesPerTick();
    StoreCommand command = mailbox.poll();
    while (command != null) {
      handle(command);
      taken++;
      command = taken < most ? mailbox.poll() : null;
    }
    boolean ticked = turnNanos - nextTickNanos >= 0;
    if (ticked) {
      tick();
    }
    boolean worked = taken > 0 || ticked || !dirty.isEmpty();
    drive();
    return worked;
  }

  private void tick() {
    nextTickNanos += tickNanos;
    if (turnNanos - nextTickNanos >= 0) {
      nextTickNanos = turnNanos + tickNanos;
    }
    for (Peer peer : peers.values()) {
      peer.tick();
    }
    links.onTick().accept(index);
  }

  private void drive() {
    while (!dirty.isEmpty()) {
      List<Peer> round = dirty;
      dirty = driving;
      driving = round;
      for (Peer peer : round) {
        peer.drive();
      }
      round.clear();
    }
    if (sent) {
      sent = false;
      links.flush().run();
    }
    if (!appends.isEmpty()) {
      links.logWriter().offer(new LogCommand.Append(this, appends));
      appends = new ArrayList<>();
    }
  }

  private void handle(StoreCommand command) {
    switch (command) {
      case StoreCommand.Write write -> {
        Peer peer = peers.get(write.regionId());
        if (peer == null) {
          write
              .request()
              .done()
              .completeExceptionally(RegionErrors.regionNotFound(write.regionId()));
        } else {
          peer.onWrite(write.request());
        }
      }
      case StoreCommand.Read read -> {
        Peer peer = peers.get(read.regionId());
        if (peer == null) {
          read.request().done().completeExceptionally(RegionErrors.regionNotFound(read.regionId()));
        } else {
          peer.onRead(read.request());
        }
      }
      case StoreCommand.Message message -> onMessage(message.message());
      case StoreCommand.Persisted persisted -> onPersisted(persisted.appends());
      case StoreCommand.Applied applied -> onApplied(applied.results());
      case StoreCommand.Order order ->
          with(order.order().getRegionId(), peer -> peer.onOrder(order.order()));
      case StoreCommand.MaxTsSynced synced ->
          with(synced.regionId(), peer -> peer.onMaxTsSynced(synced.term()));
      case StoreCommand.Found found -> found(found.region(), found.campaign());
      case StoreCommand.Split split -> {
        Peer peer = peers.get(split.regionId());
        if (peer == null) {
          split.done().completeExceptionally(RegionErrors.regionNotFound(split.regionId()));
        } else {
          peer.onSplit(split);
        }
      }
      case StoreCommand.SplitIds ids -> {
        Peer peer = peers.get(ids.regionId());
        if (peer == null) {
          ids.done().completeExceptionally(RegionErrors.regionNotFound(ids.regionId()));
        } else {
          peer.onSplitIds(ids);
        }
      }
      case StoreCommand.SizeChecked checked ->
          with(checked.regionId(), peer -> peer.onSizeChecked(checked));
      case StoreCommand.Unreachable unreachable ->
          peers.values().forEach(peer -> peer.onUnreachable(unreachable.storeId()));
    }
  }

  private void with(long regionId, Consumer<Peer> action) {
    Peer peer = peers.get(regionId);
    if (peer != null) {
      action.accept(peer);
    }
  }

  private void onMessage(RaftMessage message) {
    Peer peer = peers.get(message.getRegionId());
    if (peer != null && message.getToPeer().getId() == peer.peerId()) {
      peer.onMessage(message);
    }
  }

  private void onPersisted(List<LogAppend> written) {
    for (LogAppend append : written) {
      Peer peer = find(append.regionId(), append.peerId());
      if (peer != null) {
        peer.onPersisted(append.readyNumber());
      }
    }
  }

  private void onApplied(List<ApplyResult> results) {
    for (ApplyResult result : results) {
      Peer peer = find(result.regionId(), result.peerId());
      if (peer != null) {
        peer.onApplied(result);
      }
    }
  }

  private @Nullable Peer find(long regionId, long peerId) {
    Peer peer = peers.get(regionId);
    return peer != null && peer.peerId() == peerId ? peer : null;
  }

  private void found(Region region, boolean campaign) {
    PeerStart start = links.starts().founded(region, index);
    store.directory().releaseClaim(region.getId());
    Peer peer = new Peer(store, this, start);
    peers.put(region.getId(), peer);
    store.directory().putRange(null, peer.image());
    store.observers().forEach(observer -> observer.onRegionChange(region));
    if (campaign || peer.isLoneVoter()) {
      peer.campaign();
    }
  }

  @Override
  public long turnNanos() {
    return turnNanos;
  }

  @Override
  public void send(RaftMessage message) {
    sent = true;
    links.send().accept(message);
  }

  @Override
  public void append(LogAppend append) {
    appends.add(append);
  }

  @Override
  public void apply(ApplyCommand command) {
    links.applyOf(command.regionId()).offer(command);
  }

  @Override
  public void compactLog(long regionId, long firstKeptIndex) {
    links.compactLog().accept(new LogCommand.Compact(regionId, firstKeptIndex));
  }

  @Override
  public void post(long regionId, StoreCommand command) {
    links.loopOf(regionId).offer(command);
  }

  @Override
  public void markDirty(Peer peer) {
    if (peer.markDirty()) {
      dirty.add(peer);
    }
  }

  @Override
  public void destroy(Peer peer) {
    throw new IllegalStateException("peer of " + peer.image() + " cannot be removed");
  }

  /** Counts of this loop's peers: all, and those that lead. Owner only. */
  public int[] counts() {
    int leaders = 0;
    for (Peer peer : peers.values()) {
      leaders += peer.isLeader() ? 1 : 0;
    }
    return new int[] {peers.size(), leaders};
  }

  @Override
  public void close() {
    peers.values().forEach(Peer::shutDown);
    StoreCommand command = mailbox.poll();
    while (command != null) {
      switch (command) {
        case StoreCommand.Write write ->
            write.request().done().completeExceptionally(RegionErrors.closing());
        case StoreCommand.Read read ->
            read.request().done().completeExceptionally(RegionErrors.closing());
        case StoreCommand.Split split -> split.done().completeExceptionally(RegionErrors.closing());
        case StoreCommand.SplitIds ids -> ids.done().completeExceptionally(RegionErrors.closing());
        case StoreCommand.Message ignored -> {}
        case StoreCommand.Persisted ignored -> {}
        case StoreCommand.Applied ignored -> {}
        case StoreCommand.Order ignored -> {}
        case StoreCommand.MaxTsSynced ignored -> {}
        case StoreCommand.Found ignored -> {}
        case StoreCommand.SizeChecked ignored -> {}
        case StoreCommand.Unreachable ignored -> {}
      }
      command = mailbox.poll();
    }
  }
}
