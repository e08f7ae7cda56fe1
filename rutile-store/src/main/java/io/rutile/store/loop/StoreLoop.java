package io.rutile.store.loop;

import io.rutile.proto.eraftpb.MessageType;
import io.rutile.proto.metapb.Region;
import io.rutile.proto.raftserverpb.RaftMessage;
import io.rutile.proto.raftserverpb.RegionLocalState;
import io.rutile.store.apply.ApplyCommand;
import io.rutile.store.apply.ApplyResult;
import io.rutile.store.meta.RegionImage;
import io.rutile.store.peer.LogAppend;
import io.rutile.store.peer.Peer;
import io.rutile.store.peer.PeerHost;
import io.rutile.store.peer.PeerStart;
import io.rutile.store.peer.StoreContext;
import io.rutile.store.snapshot.SnapshotBuilder;
import io.rutile.store.snapshot.SnapshotFiles;
import io.rutile.store.snapshot.SnapshotRegistry;
import io.rutile.store.snapshot.SnapshotSource;
import io.rutile.txn.gate.RegionErrors;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
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
  private final Set<Long> removing = new HashSet<>();
  private final Map<Long, StoreCommand.CatchUp> awaited = new HashMap<>();
  private final MessageFilter filter;
  private final SnapshotClearing clearing = new SnapshotClearing();
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
    this.filter = new MessageFilter(store);
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
      case PeerCommand forPeer -> {
        Peer peer = peers.get(forPeer.regionId());
        if (peer == null) {
          forPeer.refuse(RegionErrors.regionNotFound(forPeer.regionId()));
        } else {
          peer.on(forPeer);
        }
      }
      case StoreCommand.Message message -> onMessage(message.message());
      case StoreCommand.Persisted persisted -> onPersisted(persisted.appends());
      case StoreCommand.Applied applied -> onApplied(applied.results());
      case StoreCommand.Found found -> found(found.region(), found.campaign());
      case StoreCommand.Awaken ignored -> peers.values().forEach(Peer::awaken);
      case StoreCommand.ReportAgain ignored -> peers.values().forEach(Peer::reportAgain);
      case StoreCommand.CatchUp catchUp -> catchUp(catchUp);
      case StoreCommand.GaveWay gaveWay -> {
        SnapshotClearing.Wait wait = clearing.onAnswer(gaveWay);
        if (wait != null) {
          onCleared(wait);
        }
      }
      case StoreCommand.Revive revive -> revive(revive.regionId());
      case StoreCommand.Removed removed -> removing.remove(removed.regionId());
      case StoreCommand.Unreachable unreachable ->
          peers.values().forEach(peer -> peer.onUnreachable(unreachable.storeId()));
    }
  }

  private void catchUp(StoreCommand.CatchUp request) {
    Peer peer = peers.get(request.regionId());
    if (peer == null || !peer.image().initialized()) {
      awaited.put(request.regionId(), request);
    } else {
      peer.catchUp(request);
    }
  }

  private void onMessage(RaftMessage message) {
    long regionId = message.getRegionId();
    Peer peer = peers.get(regionId);
    MessageFilter.Verdict verdict =
        removing.contains(regionId) ? MessageFilter.Verdict.DROP : filter.judge(peer, message);
    if (verdict != MessageFilter.Verdict.STEP
        && verdict != MessageFilter.Verdict.CROWDED
        && message.getMessage().getMsgType() == MessageType.MsgSnapshot) {
      dropSnapshot(message);
    }
    switch (verdict) {
      case STEP -> step(peer, message);
      case CREATE -> step(create(message), message);
      case CROWDED -> {
        if (peer != null) {
          clearFor(peer, message);
        }
      }
      case MERGED -> {
        if (peer != null) {
          peer.onMergedElsewhere(message.getMergeTarget());
        }
      }
      case DESTROY -> {
        if (peer != null) {
          destroy(peer);
        }
      }
      case SENDER_STALE -> sendTombstone(message);
      case DROP -> {}
    }
  }

  private void step(@Nullable Peer peer, RaftMessage message) {
    if (peer == null) {
      return;
    }
    boolean snapshot = message.getMessage().getMsgType() == MessageType.MsgSnapshot;
    if (snapshot && peer.isInstalling()) {
      dropSnapshot(message);
      return;
    }
    peer.onMessage(message);
    if (snapshot) {
      peer.drive();
      if (!peer.isInstalling()) {
        store.directory().releaseRange(peer.regionId());
        dropSnapshot(message);
      }
    }
  }

  /** The peer stands still until the regions under its snapshot have given way. */
  private void clearFor(Peer peer, RaftMessage message) {
    if (peer.isFrozen() || peer.isInstalling()) {
      dropSnapshot(message);
      return;
    }
    Region region = SnapshotFiles.dataOf(message.getMessage().getSnapshot()).getRegion();
    peer.freeze(true);
    clearing.begin(
        message,
        filter.inTheWay(peer.regionId(), region),
        question -> links.loopOf(question.regionId()).offer(question),
        mailbox);
  }

  private void onCleared(SnapshotClearing.Wait wait) {
    RaftMessage message = wait.message;
    Peer peer = find(message.getRegionId(), message.getToPeer().getId());
    boolean installing = false;
    if (peer != null) {
      peer.freeze(false);
    }
    if (peer != null
        && wait.isCleared()
        && filter.judge(peer, message) == MessageFilter.Verdict.STEP) {
      peer.takeOver(wait.gone);
      step(peer, message);
      installing = peer.isInstalling();
    } else {
      dropSnapshot(message);
    }
    if (!installing) {
      for (RegionLocalState gone : wait.gone) {
        long regionId = gone.getRegion().getId();
        links.loopOf(regionId).offer(new StoreCommand.Revive(regionId));
      }
    }
  }

  private void revive(long regionId) {
    RegionLocalState state = links.starts().stored(regionId);
    if (state == null) {
      store
          .background()
          .accept(() -> {
            store.engine().syncWal();
            dropLog(regionId);
          });
      return;
    }
    removing.remove(regionId);
    load(links.starts().restarted(state, index));
  }

  private void dropSnapshot(RaftMessage message) {
    String key = SnapshotRegistry.keyOf(message.getRegionId(), message.getMessage().getSnapshot());
    store.background().accept(() -> store.snapshotRegistry().discard(key));
  }

  private @Nullable Peer create(RaftMessage message) {
    PeerStart start = links.starts().created(message, index);
    if (start == null) {
      return null;
    }
    Peer peer = new Peer(store, this, start);
    peers.put(peer.regionId(), peer);
    return peer;
  }

  private void sendTombstone(RaftMessage message) {
    Peer peer = peers.get(message.getRegionId());
    RaftMessage.Builder answer =
        RaftMessage.newBuilder()
            .setRegionId(message.getRegionId())
            .setFromPeer(message.getToPeer())
            .setToPeer(message.getFromPeer())
            .setIsTombstone(true);
    if (peer == null) {
      filter.describeGrave(message.getRegionId(), answer);
    } else {
      answer.setRegionEpoch(peer.image().region().getRegionEpoch());
    }
    send(answer.build());
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
    Peer early = peers.remove(region.getId());
    if (early != null) {
      early.destroy();
    }
    PeerStart start = links.starts().founded(region, index);
    store.directory().releaseClaim(region.getId());
    Peer peer = new Peer(store, this, start);
    peers.put(region.getId(), peer);
    store.directory().putRange(null, peer.image());
    store.observers().forEach(observer -> observer.onRegionChange(region));
    if (campaign || peer.isLoneVoter()) {
      peer.campaign();
    }
    StoreCommand.CatchUp catchUp = awaited.remove(region.getId());
    if (catchUp != null) {
      peer.catchUp(catchUp);
    }
    RaftMessage vote = filter.takeEarlyVote(region.getId());
    if (vote != null && !campaign) {
      onMessage(vote);
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
  public void buildSnapshot(Peer peer) {
    long regionId = peer.regionId();
    store
        .background()
        .accept(() ->
            mailbox.offer(
                new PeerCommand.SnapshotBuilt(
                    regionId,
                    SnapshotBuilder.build(
                        store.engine(),
                        store.snapshotRegistry().directory(),
                        regionId,
                        PeerStart::confStateOf))));
  }

  @Override
  public void sendSnapshot(RaftMessage head, SnapshotSource source, Consumer<Boolean> done) {
    links.transport().sendSnapshot(head, source, done);
  }

  @Override
  public void destroy(Peer peer) {
    RegionImage image = peer.image();
    forget(
        peer,
        () -> {
          PeerBurial.bury(store.engine(), image);
          store.snapshots().onWritten();
        });
  }

  /** The log goes only when the write that gave the data to another region is on disk. */
  @Override
  public void retire(Peer peer) {
    forget(peer, () -> store.engine().syncWal());
  }

  /**
   * Takes the peer out of everything in memory at once; {@code bury} runs when all that it had
   * committed is applied, and after it the peer's log goes.
   */
  private void forget(Peer peer, Runnable bury) {
    long regionId = peer.regionId();
    stop(
        peer,
        () -> {
          bury.run();
          dropLog(regionId);
        });
  }

  @Override
  public void dropLog(long regionId) {
    links
        .logWriter()
        .offer(
            new LogCommand.Remove(
                regionId, () -> links.loopOf(regionId).offer(new StoreCommand.Removed(regionId))));
  }

  @Override
  public void giveWay(Peer peer, Runnable done) {
    stop(peer, done);
  }

  private void stop(Peer peer, Runnable done) {
    long regionId = peer.regionId();
    RegionImage image = peer.image();
    peer.destroy();
    peers.remove(regionId);
    removing.add(regionId);
    if (image.initialized()) {
      store.directory().removeRange(image);
    }
    store.directory().releaseRange(regionId);
    store.directory().remove(peer.handle());
    store.observers().forEach(observer -> observer.onRegionRemoved(image.region()));
    apply(new ApplyCommand.Remove(regionId, peer.peerId(), done));
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
      if (command instanceof PeerCommand forPeer) {
        forPeer.refuse(RegionErrors.closing());
      }
      command = mailbox.poll();
    }
  }
}
