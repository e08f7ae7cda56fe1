package io.rutile.store.peer;

import io.rutile.proto.eraftpb.ConfState;
import io.rutile.proto.eraftpb.Message;
import io.rutile.proto.metapb.Region;
import io.rutile.proto.raftserverpb.PeerState;
import io.rutile.proto.raftserverpb.RaftMessage;
import io.rutile.proto.raftserverpb.RegionLocalState;
import io.rutile.raft.core.RaftNode;
import io.rutile.store.apply.ApplyCommand;
import io.rutile.store.apply.ApplyResult;
import io.rutile.store.heartbeat.RegionReporter;
import io.rutile.store.loop.PeerCommand;
import io.rutile.store.loop.StoreCommand;
import io.rutile.store.meta.RegionHandle;
import io.rutile.store.meta.RegionImage;
import io.rutile.store.read.ReadView;
import io.rutile.store.read.SafeTs;
import io.rutile.txn.gate.RegionErrors;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One peer of one region on this store: drives its Raft node and lets each concern do its part.
 * Owned by: the store loop of its region.
 *
 * <p>Input comes by {@link #on}, {@link #onMessage} and the like, which only change state and mark
 * the peer dirty. At the end of the loop's turn {@link #drive} proposes what has gathered and
 * carries out what the node wants done: messages that promise nothing go out at once, entries and
 * votes go to the log writer, messages that promise something wait for its report, committed
 * entries go to the apply worker.
 *
 * <p>The parts: {@link PeerStorage} (log), {@link WriteQueue}, {@link ReadQueue}, {@link
 * AdminQueue} (what is under way), {@link Leadership} (lease), {@link PeerRequests} (clients),
 * {@link PeerOrders} (placement driver, splits, log cuts), {@link PeerMerge}, {@link PeerOutcomes}
 * (applied admin commands), {@link PeerLinks} (addresses of other peers), {@link ReadyHandler}
 * (what the node wants done).
 */
public final class Peer {
  private static final Logger LOG = LoggerFactory.getLogger(Peer.class);

  private final StoreContext store;
  private final PeerHost host;
  private final RegionHandle handle;
  private final RaftNode node;
  private final PeerStorage storage;
  private final Leadership leadership;
  private final WriteQueue writes;
  private final ReadQueue reads;
  private final AdminQueue admin = new AdminQueue();
  private final RegionReporter reporter;
  private final PeerLinks links;
  private final PeerRequests requests;
  private final PeerOrders orders;
  private final PeerOutcomes outcomes;
  private final PeerSnapshots snapshots;
  private final PeerMerge merge;
  private final PeerExtras extras;
  private final Hibernation hibernation;
  private final LeaderWatch leaderWatch;
  private final ReadyHandler readies;
  private final SafeTs safeTs = new SafeTs();
  private RegionImage image;
  private PeerState state;
  private long appliedIndex;
  private long appliedTerm;
  private long publishedLeader;
  private volatile boolean maxTsAsked;
  private boolean dirty;
  private boolean destroyed;
  private boolean frozen;

  public Peer(StoreContext store, PeerHost host, PeerStart start) {
    this.store = store;
    this.host = host;
    this.handle = start.handle();
    this.image = start.image();
    this.state = start.state().getState();
    this.snapshots = new PeerSnapshots(this);
    this.storage = start.openStorage(store, snapshots);
    this.appliedIndex = start.applyState().getAppliedIndex();
    this.appliedTerm = appliedIndex == 0 ? 0 : storage.term(appliedIndex);
    this.node = start.newNode(store, storage, appliedIndex);
    this.leadership = new Leadership(store);
    this.writes = new WriteQueue(store);
    this.reads =
        new ReadQueue(
            image.self().getId(),
            store.config().election().readIndexRetryTicks(),
            store.clock().wallMillis() << 20);
    this.reporter =
        new RegionReporter(store.pd(), handle, store.config().peers().maxPeerDown().toNanos());
    this.links = new PeerLinks(this, host);
    this.requests = new PeerRequests(this);
    this.orders = new PeerOrders(this);
    this.outcomes = new PeerOutcomes(this);
    this.merge = new PeerMerge(this, start.state());
    this.extras = new PeerExtras(this);
    this.hibernation = new Hibernation(this);
    this.leaderWatch = new LeaderWatch(this);
    this.readies = new ReadyHandler(this, appliedIndex);
    handle.publishApplied(appliedIndex);
    if (image.initialized()) {
      register(start);
      publish();
    }
  }

  private void register(PeerStart start) {
    host.apply(
        new ApplyCommand.Register(
            handle,
            image,
            start.state(),
            appliedIndex,
            appliedTerm,
            start.applyState().getTruncatedState()));
  }

  // What the parts of a peer share.

  StoreContext store() {
    return store;
  }

  PeerHost host() {
    return host;
  }

  RaftNode node() {
    return node;
  }

  PeerStorage storage() {
    return storage;
  }

  Leadership leadership() {
    return leadership;
  }

  WriteQueue writes() {
    return writes;
  }

  ReadQueue reads() {
    return reads;
  }

  AdminQueue admin() {
    return admin;
  }

  RegionReporter reporter() {
    return reporter;
  }

  PeerLinks links() {
    return links;
  }

  PeerOrders orders() {
    return orders;
  }

  PeerSnapshots snapshots() {
    return snapshots;
  }

  SafeTs safeTs() {
    return safeTs;
  }

  PeerMerge merge() {
    return merge;
  }

  Hibernation hibernation() {
    return hibernation;
  }

  PeerExtras extras() {
    return extras;
  }

  ReadyHandler readies() {
    return readies;
  }

  PeerState state() {
    return state;
  }

  void setState(PeerState changed) {
    state = changed;
  }

  long appliedTerm() {
    return appliedTerm;
  }

  // What the loop sees.

  public RegionImage image() {
    return image;
  }

  public RegionHandle handle() {
    return handle;
  }

  public long regionId() {
    return handle.regionId();
  }

  public long peerId() {
    return handle.peerId();
  }

  public long appliedIndex() {
    return appliedIndex;
  }

  public boolean isLeader() {
    return leadership.leading();
  }

  public boolean isDestroyed() {
    return destroyed;
  }

  /** A frozen peer does nothing and hears nothing, so that it can be handed over as it is. */
  public boolean isFrozen() {
    return frozen;
  }

  public void freeze(boolean on) {
    frozen = on;
    if (!on) {
      host.markDirty(this);
    }
  }

  /** The region that takes this one in needs it complete up to its end. */
  public void catchUp(StoreCommand.CatchUp request) {
    merge.onCatchUp(request);
  }

  /** The snapshot that comes next takes over the data of these regions, which are gone. */
  public void takeOver(List<RegionLocalState> gone) {
    snapshots.takeOver(gone);
  }

  /** Another store says that the region was merged into {@code target}. */
  public void onMergedElsewhere(Region target) {
    merge.onMergedElsewhere(target);
  }

  /** Returns whether the peer was not marked before. */
  public boolean markDirty() {
    boolean fresh = !dirty;
    dirty = true;
    return fresh;
  }

  /** Does what a command asks; whoever waits for an answer gets it later. */
  public void on(PeerCommand command) {
    switch (command) {
      case PeerCommand.Write write -> requests.write(write.request());
      case PeerCommand.Read read -> requests.read(read.request());
      case PeerCommand.Order order -> orders.onOrder(order.order());
      case PeerCommand.MaxTsSynced synced -> {
        leadership.onMaxTsSynced(synced.round());
        publish();
      }
      case PeerCommand.Split split -> orders.onSplit(split);
      case PeerCommand.Flashback flashback -> orders.onFlashback(flashback);
      case PeerCommand.SplitIds ids -> orders.onSplitIds(ids);
      case PeerCommand.SizeChecked checked -> orders.onSizeChecked(checked);
      case PeerCommand.SnapshotBuilt built -> snapshots.onBuilt(built.snapshot());
      case PeerCommand.SnapshotSent sent -> onSnapshotSent(sent.toPeerId(), sent.ok());
      case PeerCommand.SnapshotInstalled installed -> {
        if (installed.peerId() == peerId()) {
          snapshots.onInstalled();
        }
      }
      case PeerCommand.CommitMerge commit -> merge.proposeCommit(commit);
      case PeerCommand.Thaw thaw -> merge.onAbandoned();
      case PeerCommand.GiveWay request -> merge.onGiveWay(request);
      case PeerCommand.Located located -> leaderWatch.onLocated(located.region());
      case PeerCommand.Absorbed absorbed -> host.retire(this);
    }
  }

  /** A message that {@code MessageFilter} has let through. */
  public void onMessage(RaftMessage message) {
    if (frozen) {
      return;
    }
    links.learn(message.getFromPeer());
    reporter.onHeard(message.getFromPeer().getId(), host.turnNanos());
    if (message.hasExtraMsg()) {
      extras.on(message);
      return;
    }
    Message inner = message.getMessage();
    if (inner.getMsgType() == io.rutile.proto.eraftpb.MessageType.MsgReadIndex
        && isLeader()
        && requests.refuseForMemoryLock(message)) {
      return;
    }
    node.step(inner);
    if (node.isLeader()) {
      orders.onHeard(message.getFromPeer().getId());
    }
    host.markDirty(this);
  }

  public void onUnreachable(long storeId) {
    io.rutile.proto.metapb.Peer peer = image.peerOnStore(storeId);
    if (peer != null) {
      hibernation.onUnreachable(peer.getId());
      if (isLeader()) {
        node.reportUnreachable(peer.getId());
        host.markDirty(this);
      }
    }
  }

  /** Somebody wants sleeping regions awake. */
  public void awaken() {
    hibernation.wake();
  }

  /** The placement driver may have forgotten what it was told. */
  public void reportAgain() {
    if (isLeader()) {
      orders.report();
    }
  }

  /** The first campaign after a start, for a region without other voters. */
  public void campaign() {
    node.campaign();
    host.markDirty(this);
  }

  public boolean isLoneVoter() {
    ConfState conf = node.confState();
    return conf.getVotersCount() == 1
        && conf.getVotersOutgoingCount() == 0
        && conf.getVoters(0) == peerId();
  }

  public void tick() {
    merge.tick();
    if (frozen) {
      return;
    }
    boolean slept = hibernation.asleep();
    if (hibernation.tick()) {
      orders.tickAsleep();
      return;
    }
    if (slept) {
      reporter.onAwake(host.turnNanos());
    }
    leaderWatch.tick();
    node.tick();
    reads.tick(node);
    reads.expire(host.turnNanos());
    orders.tick();
    if (leadership.leading() && !leadership.maxTsSynced() && !maxTsAsked) {
      syncMaxTs();
    }
    host.markDirty(this);
  }

  /** Proposes what has gathered in this turn and does what the node wants done. */
  public void drive() {
    dirty = false;
    if (destroyed || frozen) {
      return;
    }
    requests.release();
    if (writes.hasWaiting()) {
      if (node.isLeader()) {
        writes.propose(node, image, host.turnNanos());
      } else {
        writes.failWaiting(RequestChecks.notLeader(image, node.leaderId()));
      }
    }
    reads.ask(node, host.turnNanos());
    while (!destroyed && node.hasReady()) {
      readies.handle(node.ready());
    }
    leadership.onProgress(node, host.turnNanos());
    reads.release(appliedIndex, requests::serve);
    if (publishedLeader != node.leaderId()) {
      publish();
    }
    hibernation.afterDrive();
  }

  /** The log writer has made the Ready durable, and all before it. */
  public void onPersisted(long readyNumber) {
    if (!destroyed && readyNumber > 0) {
      readies.onDurable(readyNumber);
      host.markDirty(this);
    }
  }

  /** The node says something new about who leads. */
  void onRole() {
    if (leadership.leading() && (!node.isLeader() || node.term() != leadership.term())) {
      leadership.end();
      LOG.info("region {}: peer {} follows in term {}", regionId(), peerId(), node.term());
      admin.onStepDown(RequestChecks.notLeader(image, node.leaderId()));
      reads.failUnconfirmed(RequestChecks.notLeader(image, node.leaderId()));
      store
          .observers()
          .forEach(observer -> observer.onRoleChange(image.region(), node.term(), false));
    }
    if (node.isLeader() && !leadership.leading()) {
      leadership.begin(regionId(), node.term());
      LOG.info("region {}: peer {} leads in term {}", regionId(), peerId(), node.term());
      if (state == PeerState.Merging) {
        leadership.lease().revoke();
      }
      reporter.onLeading(image.region(), host.turnNanos());
      syncMaxTs();
      store
          .observers()
          .forEach(observer -> observer.onRoleChange(image.region(), node.term(), true));
      orders.report();
    }
    publish();
  }

  /** Brings max_ts up to the oracle, so that what others read before cannot be overwritten. */
  void syncMaxTs() {
    long round = leadership.maxTsRound();
    maxTsAsked = true;
    store
        .pd()
        .tso()
        .whenComplete((timestamp, failure) -> {
          if (timestamp != null) {
            store.hooks().raiseMaxTs(timestamp);
            host.post(regionId(), new PeerCommand.MaxTsSynced(regionId(), round));
          } else {
            maxTsAsked = false; // the next tick asks again
          }
        });
  }

  /** The apply worker has come this far. */
  public void onApplied(ApplyResult result) {
    if (destroyed) {
      return;
    }
    boolean ownTermReached = appliedTerm != node.term() && result.appliedTerm() == node.term();
    appliedIndex = result.appliedIndex();
    appliedTerm = result.appliedTerm();
    reporter.onWritten(result.writtenBytes(), result.writtenKeys());
    orders.onWritten(result.writtenBytes());
    safeTs.onApplied(appliedIndex);
    boolean changed = false;
    for (var outcome : result.outcomes()) {
      changed |= outcomes.handle(outcome);
      admin.onApplied(outcome);
    }
    if (destroyed) {
      return;
    }
    if (leadership.leading()
        && leadership.lease().isRevoked()
        && state != PeerState.Merging
        && !admin.versionChanging()) {
      leadership.lease().allow(host.turnNanos());
    }
    node.advanceApplied(appliedIndex);
    if (ownTermReached || changed) {
      publish();
    }
    merge.onApplied();
    host.markDirty(this);
  }

  /** Takes over a changed region, which the apply worker has stored already. */
  void changeImage(RegionImage changed) {
    RegionImage previous = image;
    image = changed;
    store.directory().putRange(previous, changed);
    store.observers().forEach(observer -> observer.onRegionChange(changed.region()));
  }

  /** Takes over the range that a merge made, in which {@code source} is no region any more. */
  void absorb(RegionImage merged, Region source) {
    RegionImage previous = image;
    image = merged;
    store.directory().putMerged(previous, merged, source);
    store.observers().forEach(observer -> observer.onRegionChange(merged.region()));
  }

  /** A snapshot has replaced the region's data: everything follows from it. */
  void restart(RegionImage restored, long index, long term) {
    RegionImage previous = image.initialized() ? image : null;
    image = restored;
    state = PeerState.Normal;
    appliedIndex = index;
    appliedTerm = term;
    readies.restart(index);
    writes.abandonInFlight(regionId());
    handle.publishApplied(index);
    store.directory().putRange(previous, restored);
    store.observers().forEach(observer -> observer.onRegionChange(restored.region()));
    publish();
  }

  private void onSnapshotSent(long toPeer, boolean ok) {
    if (node.isLeader()) {
      node.reportSnapshot(toPeer, ok);
      host.markDirty(this);
    }
  }

  /** Whether a received snapshot is being put in place. */
  public boolean isInstalling() {
    return snapshots.isInstalling();
  }

  /** Shows readers the peer as it is now; nothing of it while its data is being replaced. */
  void publish() {
    publishedLeader = node.leaderId();
    if (!image.initialized() || snapshots.isInstalling()) {
      return;
    }
    handle.publish(
        new ReadView(
            image,
            leadership.leading(),
            node.term(),
            publishedLeader,
            appliedTerm,
            leadership.maxTsSynced(),
            image.region().getIsInFlashback() ? image.region().getFlashbackStartTs() : 0,
            leadership.lease(),
            leadership.txnState(),
            safeTs));
  }

  /** Ends the peer's life in memory; nobody who waits is left waiting. */
  public void destroy() {
    destroyed = true;
    handle.publish(null);
    if (leadership.leading()) {
      leadership.end();
      store
          .observers()
          .forEach(observer -> observer.onRoleChange(image.region(), node.term(), false));
    }
    writes.failWaiting(RegionErrors.regionNotFound(regionId()));
    writes.abandonInFlight(regionId());
    reads.failAll(RegionErrors.regionNotFound(regionId()));
    admin.onStepDown(RegionErrors.regionNotFound(regionId()));
    snapshots.close();
    storage.close();
  }

  /**
   * Fails everything that waits because the store closes. Reads end before writes in flight are
   * given up: what these will still write must not be missed by a read here.
   */
  public void shutDown() {
    handle.publish(null);
    writes.failWaiting(RegionErrors.closing());
    writes.abandonInFlight(regionId());
    reads.failAll(RegionErrors.closing());
    admin.onStepDown(RegionErrors.closing());
    leadership.end();
  }
}
