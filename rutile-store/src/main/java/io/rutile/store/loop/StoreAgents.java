package io.rutile.store.loop;

import io.rutile.proto.pdpb.RegionHeartbeatResponse;
import io.rutile.proto.raftserverpb.RegionLocalState;
import io.rutile.store.apply.ApplyResult;
import io.rutile.store.apply.ApplyServices;
import io.rutile.store.apply.ApplyWorker;
import io.rutile.store.heartbeat.StoreReporter;
import io.rutile.store.meta.RegionHandle;
import io.rutile.store.peer.StoreContext;
import io.rutile.store.transport.RaftTransport;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * All agents of one store and their links. Made by the thread that opens the store; afterwards safe
 * for use by any thread. With {@link #start} each agent gets a thread; a simulator calls {@link
 * #turnAll} instead.
 *
 * <p>The first failure of any agent stops them all: an invariant or the disk is broken, and nothing
 * may be acknowledged after that.
 */
public final class StoreAgents implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(StoreAgents.class);

  /** Background workers, of which each task takes the next. */
  public static final class Tasks implements Consumer<Runnable> {
    private final List<Worker> workers = new ArrayList<>();
    private final AtomicInteger next = new AtomicInteger();

    public Tasks(int count) {
      for (int i = 0; i < count; i++) {
        workers.add(new Worker("background-" + i));
      }
    }

    @Override
    public void accept(Runnable task) {
      int at = Math.floorMod(next.getAndIncrement(), workers.size());
      workers.get(at).mailbox().offer(task);
    }
  }

  private final StoreContext context;
  private final PeerStarts starts;
  private final RaftTransport transport;
  private final List<StoreLoop> storeLoops = new ArrayList<>();
  private final List<Mailbox<StoreCommand>> loopMailboxes = new ArrayList<>();
  private final List<Agent> agents = new ArrayList<>();
  private final List<AgentThread> threads = new ArrayList<>();
  private final AtomicReference<@Nullable String> failure = new AtomicReference<>();
  private volatile boolean closed;

  public StoreAgents(
      StoreContext context, PeerStarts starts, RaftTransport transport, Tasks tasks) {
    this.context = context;
    this.starts = starts;
    this.transport = transport;
    LogWriter logWriter = new LogWriter(context.raftLog(), context.clock(), context.metrics());
    List<Mailbox<io.rutile.store.apply.ApplyCommand>> applies = new ArrayList<>();
    List<ApplyWorker> applyWorkers = new ArrayList<>();
    for (int i = 0; i < context.config().pools().applyWorkers(); i++) {
      ApplyWorker worker = new ApplyWorker("apply-" + i, applyServices());
      applyWorkers.add(worker);
      applies.add(worker.mailbox());
    }
    LogCuts cuts = new LogCuts(context, logWriter.mailbox());
    StoreReporter reporter =
        new StoreReporter(context, () -> toAllLoops(new StoreCommand.Awaken()));
    LoopLinks links =
        new LoopLinks(
            loopMailboxes,
            applies,
            logWriter.mailbox(),
            starts,
            transport::send,
            transport::flush,
            transport,
            cuts::add,
            index -> onTick(index, cuts, reporter));
    for (int i = 0; i < context.config().pools().storeLoops(); i++) {
      StoreLoop loop = new StoreLoop(i, context, links);
      storeLoops.add(loop);
      loopMailboxes.add(loop.mailbox());
    }
    agents.addAll(storeLoops);
    agents.add(logWriter);
    agents.addAll(applyWorkers);
    agents.addAll(tasks.workers);
  }

  /** Each worker gathers the results of a flush and sends them to each loop as one command. */
  private ApplyServices applyServices() {
    int loopCount = context.config().pools().storeLoops();
    List<List<ApplyResult>> gathered = new ArrayList<>();
    for (int i = 0; i < loopCount; i++) {
      gathered.add(new ArrayList<>());
    }
    return new ApplyServices(
        context.engine(),
        context.directory(),
        context.snapshots(),
        context.observers(),
        context.clock(),
        context.metrics(),
        context.config().split().rightDerive(),
        (handle, result) -> gathered.get(handle.loopIndex()).add(result),
        () -> {
          for (int i = 0; i < loopCount; i++) {
            if (!gathered.get(i).isEmpty()) {
              loopMailboxes.get(i).offer(new StoreCommand.Applied(gathered.get(i)));
              gathered.set(i, new ArrayList<>());
            }
          }
        },
        this::toLoop,
        context.background());
  }

  /** The placement driver may not know the regions any more. */
  public void reportAgain() {
    toAllLoops(new StoreCommand.ReportAgain());
  }

  private void toAllLoops(StoreCommand command) {
    loopMailboxes.forEach(loop -> loop.offer(command));
  }

  private void toLoop(StoreCommand command) {
    switch (command) {
      case PeerCommand forPeer -> loopOf(forPeer.regionId()).offer(forPeer);
      case StoreCommand.CatchUp catchUp -> loopOf(catchUp.regionId()).offer(catchUp);
      default -> throw new IllegalArgumentException("not for one region: " + command);
    }
  }

  private void onTick(int loopIndex, LogCuts cuts, StoreReporter reporter) {
    if (loopIndex == 0) {
      cuts.tick();
      context.snapshots().trim();
      reporter.tick();
    }
  }

  /** Takes on a peer from before. Before the start only. */
  public void load(RegionLocalState state) {
    int index = loopIndex(state.getRegion().getId());
    storeLoops.get(index).load(starts.restarted(state, index));
  }

  private int loopIndex(long regionId) {
    return (int) Long.remainderUnsigned(regionId, storeLoops.size());
  }

  public Mailbox<StoreCommand> loop(RegionHandle handle) {
    return loopMailboxes.get(handle.loopIndex());
  }

  public Mailbox<StoreCommand> loopOf(long regionId) {
    return loopMailboxes.get(loopIndex(regionId));
  }

  public List<Mailbox<StoreCommand>> loops() {
    return loopMailboxes;
  }

  public void onOrder(RegionHeartbeatResponse order) {
    if (order.getRegionId() != 0) {
      loopOf(order.getRegionId()).offer(new PeerCommand.Order(order));
    }
  }

  public void start() {
    for (Agent agent : agents) {
      threads.add(new AgentThread(agent, context.clock(), this::onFailure));
    }
    threads.forEach(AgentThread::start);
  }

  /** Turns every agent once, in a fixed order; returns whether any of them did something. */
  public boolean turnAll() {
    boolean worked = false;
    for (Agent agent : agents) {
      worked |= agent.turn();
    }
    return worked;
  }

  /** The next time at which an agent has something to do although nothing arrives. */
  public long nextTurnNanos() {
    long next = Long.MAX_VALUE;
    for (Agent agent : agents) {
      next = Math.min(next, agent.nextTurnNanos());
    }
    return next;
  }

  private void onFailure(Throwable cause) {
    if (failure.compareAndSet(null, cause.toString())) {
      LOG.error("store {} stops: it cannot go on safely", context.storeId(), cause);
      Thread.ofPlatform().name("store-stop").daemon().start(this::close);
    }
  }

  public Optional<String> failure() {
    return Optional.ofNullable(failure.get());
  }

  public boolean closed() {
    return closed;
  }

  @Override
  public synchronized void close() {
    if (closed) {
      return;
    }
    closed = true;
    if (threads.isEmpty()) {
      agents.forEach(Agent::close);
    }
    threads.forEach(AgentThread::stop);
    transport.close();
    context.snapshots().close();
  }
}
