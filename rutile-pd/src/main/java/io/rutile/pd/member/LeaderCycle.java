package io.rutile.pd.member;

import io.rutile.base.clock.Clock;
import io.rutile.base.error.RutileException;
import io.rutile.pd.cluster.LeaderSession;
import io.rutile.pd.config.PdConfig;
import io.rutile.pd.core.RegionStorage;
import io.rutile.pd.meta.HistoryCompactor;
import io.rutile.pd.meta.Leadership;
import io.rutile.pd.meta.MetaKv;
import io.rutile.pd.meta.MetaPaths;
import io.rutile.pd.tso.ServingLease;
import io.rutile.pd.tso.StoredWindow;
import io.rutile.pd.tso.TimestampOracle;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Follows the leadership of the replicated store: begins a {@link LeaderSession} when this member
 * serves in a new term, ends it when it no longer does. While it leads, it keeps the oracle on
 * time.
 *
 * <p>Its own thread does all of that, so beginnings and ends never overlap; {@link #session} is for
 * any thread.
 */
public final class LeaderCycle implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(LeaderCycle.class);

  /** Periodic work of the leader. */
  private static final long HOUSEKEEPING_NANOS = 1_000_000_000L;

  /** How often a leader looks whether another member is preferred. */
  private static final long PRIORITY_CHECK_NANOS = 5_000_000_000L;

  private final Clock clock;
  private final MetaKv meta;
  private final ServingLease lease;
  private final PdConfig config;
  private final Supplier<RegionStorage> regionStorage;
  private final RandomGenerator random;
  private final LinkedBlockingQueue<Leadership> changes = new LinkedBlockingQueue<>();
  private final Thread thread;
  private final Thread housekeeper;
  private volatile boolean running = true;
  private volatile @Nullable LeaderSession session;
  private volatile long clusterId;
  private @Nullable TimestampOracle oracle;
  private long wantedTerm;

  /**
   * @param lease whether this member surely leads in a term
   * @param random source of the cluster id and of what scheduling draws; used by one thread at a
   *     time
   */
  public LeaderCycle(
      Clock clock,
      MetaKv meta,
      ServingLease lease,
      PdConfig config,
      Supplier<RegionStorage> regionStorage,
      RandomGenerator random) {
    this.clock = clock;
    this.meta = meta;
    this.lease = lease;
    this.config = config;
    this.regionStorage = regionStorage;
    this.random = random;
    this.thread = Thread.ofVirtual().name("pd-leader").unstarted(this::run);
    this.housekeeper = Thread.ofVirtual().name("pd-housekeeping").unstarted(this::housekeep);
  }

  public void start() {
    thread.start();
    housekeeper.start();
    meta.store().onLeadershipChange(changes::add);
  }

  /** The present session, null while this member does not serve as leader. */
  public @Nullable LeaderSession session() {
    LeaderSession now = session;
    return now != null && lease.isValid(now.term()) ? now : null;
  }

  /** The cluster id, 0 while none is known here. */
  public long clusterId() {
    long known = clusterId;
    if (known == 0) {
      byte[] stored = meta.get(MetaPaths.CLUSTER_ID);
      known = stored == null ? 0 : MetaKv.number(stored);
      clusterId = known;
    }
    return known;
  }

  private void run() {
    try {
      while (running) {
        Leadership change =
            changes.poll(config.tsoUpdatePhysicalInterval().toMillis(), TimeUnit.MILLISECONDS);
        if (change != null) {
          follow(change);
        }
        maintain();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      end();
    }
  }

  private void follow(Leadership change) {
    wantedTerm = change.serving() ? change.term() : 0;
    LeaderSession now = session;
    if (now == null || now.term() != wantedTerm) {
      end();
    }
  }

  /** Begins what should be running and is not; keeps the oracle on time. */
  private void maintain() {
    try {
      if (wantedTerm != 0 && session == null) {
        begin(wantedTerm);
      }
      TimestampOracle running = oracle;
      if (running != null) {
        running.update();
      }
    } catch (RutileException e) {
      LOG.warn("term {}: {}", wantedTerm, e.getMessage());
    } catch (RuntimeException e) {
      LOG.error("term {}: cannot serve, another member should try", wantedTerm, e);
      meta.store().transferLeadership(0);
    }
  }

  private void begin(long term) {
    MetaKv own = meta.inTerm(term);
    long id = establishClusterId(own);
    MetaPaths paths = new MetaPaths(id);
    TimestampOracle starting =
        new TimestampOracle(
            clock,
            new StoredWindow(own, paths.timestamp()),
            config.tsoSaveInterval().toMillis(),
            lease);
    starting.start(term);
    oracle = starting;
    session = new LeaderSession(clock, term, id, own, starting, config, regionStorage, random);
    LOG.info("PD serves as leader in term {} of cluster {}", term, Long.toUnsignedString(id));
  }

  private long establishClusterId(MetaKv own) {
    long known = clusterId();
    if (known != 0) {
      return known;
    }
    long fresh = (clock.wallMillis() / 1000 << 32) | (random.nextInt() & 0xFFFFFFFFL);
    own.putIfAbsent(MetaPaths.CLUSTER_ID, MetaKv.number(fresh));
    return clusterId();
  }

  private void end() {
    TimestampOracle stopping = oracle;
    if (stopping != null) {
      stopping.stop();
      oracle = null;
    }
    LeaderSession ending = session;
    session = null;
    if (ending != null) {
      ending.close();
      LOG.info("PD no longer serves as leader in term {}", ending.term());
    }
  }

  private void housekeep() {
    Semaphore never = new Semaphore(0);
    LeaderSession last = null;
    HistoryCompactor history = new HistoryCompactor(clock, meta.store());
    long nextPriorityCheck = clock.monotonicNanos();
    try {
      while (running && !never.tryAcquire(HOUSEKEEPING_NANOS, TimeUnit.NANOSECONDS)) {
        LeaderSession now = session();
        if (now == null) {
          continue;
        }
        if (now != last) {
          last = now;
          history = new HistoryCompactor(clock, meta.store());
          nextPriorityCheck = clock.monotonicNanos() + PRIORITY_CHECK_NANOS;
        }
        boolean checkPriority = clock.monotonicNanos() - nextPriorityCheck >= 0;
        if (checkPriority) {
          nextPriorityCheck += PRIORITY_CHECK_NANOS;
        }
        keepHouse(now, history, checkPriority);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void keepHouse(LeaderSession now, HistoryCompactor history, boolean checkPriority) {
    try {
      now.housekeep();
      history.run();
      if (checkPriority) {
        LeaderPriorities.check(meta, now.clusterId());
      }
    } catch (RutileException e) {
      LOG.warn("housekeeping: {}", e.getMessage());
    } catch (RuntimeException e) {
      LOG.error("housekeeping failed", e);
    }
  }

  @Override
  public void close() {
    running = false;
    housekeeper.interrupt();
    thread.interrupt();
    try {
      housekeeper.join();
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
