package io.rutile.pd.meta;

import io.rutile.base.clock.Clock;
import io.rutile.base.error.RutileException;
import io.rutile.engine.memory.MemoryRaftLog;
import io.rutile.pd.tso.StoredWindow;
import io.rutile.pd.tso.TimestampOracle;
import io.rutile.proto.eraftpb.ConfState;
import io.rutile.proto.eraftpb.Message;
import io.rutile.proto.pdmetapb.MemberRecord;
import io.rutile.proto.pdmetapb.MetaSnapshot;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.file.Files;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * One member of a simulated group: the real store on a disk that forgets, and what the leader's
 * thread does with the real oracle. Its blocking calls let the simulated world go on.
 */
final class SimMember {
  private static final long UPDATE_NANOS = 6_000_000L;
  private static final long SNAPSHOT_ENTRIES = 150;

  final long id;
  final SimClock clock;
  private final MetaSim sim;
  private final Founding founding;
  private MemoryRaftLog log = new MemoryRaftLog();
  private MetaLoop loop;
  private RaftMetaStore store;
  private @Nullable TimestampOracle oracle;
  private long oracleTerm;
  private long nextUpdateNanos;
  private boolean up;
  private boolean gone;
  private boolean busy;
  private int boots;
  private long pausedUntilNanos;
  private long restartNanos;

  /** A clock whose rate is a little off and whose wall time jumps. */
  static final class SimClock implements Clock {
    private final MetaSim sim;
    private final long ratePermille;
    private long wallOffsetMillis;

    SimClock(MetaSim sim, long ratePermille) {
      this.sim = sim;
      this.ratePermille = ratePermille;
    }

    void jumpWallMillis(long millis) {
      wallOffsetMillis += millis;
    }

    @Override
    public long wallMillis() {
      return MetaSim.WALL_START + monotonicNanos() / 1_000_000 + wallOffsetMillis;
    }

    @Override
    public long monotonicNanos() {
      return sim.nanos() / 1000 * ratePermille;
    }
  }

  @SuppressWarnings("NullAway.Init") // boot sets loop and store
  SimMember(MetaSim sim, long id, Founding founding) {
    this.sim = sim;
    this.id = id;
    this.founding = founding;
    this.clock = new SimClock(sim, sim.random.nextLong(970, 1031));
    try {
      Files.createDirectories(sim.directory(id));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    boot();
  }

  private void boot() {
    boots++;
    MetaStoreOptions options =
        new MetaStoreOptions(
            id,
            sim.directory(id),
            log,
            new Wire(),
            clock,
            MetaSim.TICK_MILLIS,
            MetaSim.ELECTION_TICKS,
            SNAPSHOT_ENTRIES,
            sim.randoms.create("member-" + id + "-" + boots),
            failure -> {});
    try {
      loop = new MetaLoop(options, founding);
    } catch (MetaStoreException removed) {
      gone = true;
      return;
    }
    loop.begin();
    store = new RaftMetaStore(loop);
    up = true;
  }

  private final class Wire implements PeerTransport {
    @Override
    public void members(List<MemberRecord> members) {}

    @Override
    public void send(List<Message> messages) {
      for (Message message : messages) {
        if (message.hasSnapshot()) {
          sim.tally().snapshots++;
        }
        sim.wire.send(message, sim.nanos());
      }
    }

    @Override
    public void close() {}
  }

  RaftMetaStore store() {
    return store;
  }

  @Nullable TimestampOracle oracle() {
    return oracle;
  }

  boolean isUp() {
    return up;
  }

  boolean gone() {
    return gone;
  }

  /** Whether its threads run now. */
  boolean runs() {
    return up && sim.nanos() >= pausedUntilNanos;
  }

  @Nullable SimMember in(long memberId) {
    return sim.members.stream().filter(member -> member.id == memberId).findFirst().orElse(null);
  }

  void kill(SplittableRandom random) {
    if (!up) {
      return;
    }
    up = false;
    oracle = null;
    loop.end();
    log = log.crash(random);
    restartNanos = sim.nanos() + random.nextLong(1, 500) * 1_000_000L;
    sim.tally().kills++;
  }

  void pause(long untilNanos) {
    if (runs()) {
      pausedUntilNanos = untilNanos;
      sim.tally().pauses++;
    }
  }

  void heal() {
    pausedUntilNanos = 0;
    restartNanos = 0;
  }

  void discard() {
    if (up) {
      loop.end();
    }
  }

  /** What its threads do at one moment. */
  void turn() {
    if (gone) {
      return;
    }
    if (!up) {
      if (sim.nanos() >= restartNanos) {
        boot();
      }
      return;
    }
    if (!runs()) {
      return;
    }
    if (pausedUntilNanos != 0) {
      pausedUntilNanos = 0;
      // Request threads may run before the store's thread does.
      sim.timestamp(this);
    }
    try {
      loop.turn();
    } catch (MetaStoreException removed) {
      up = false;
      gone = true;
      oracle = null;
      loop.end();
      return;
    }
    if (!busy && !sim.quiet() && sim.nanos() >= nextUpdateNanos) {
      nextUpdateNanos = sim.nanos() + UPDATE_NANOS;
      busy = true;
      lead();
      busy = false;
    }
  }

  /** As the leader's cycle does. */
  private void lead() {
    Leadership now = store.leadership();
    long wanted = now.serving() ? now.term() : 0;
    if (oracle != null && oracleTerm != wanted) {
      oracle.stop();
      oracle = null;
    }
    try {
      if (oracle != null) {
        oracle.update();
      } else if (wanted != 0) {
        begin(wanted);
      }
    } catch (RutileException refused) {
      sim.tally().refusals++;
    }
  }

  private void begin(long term) {
    RaftMetaStore mine = store;
    MetaKv kv = new MetaKv(waiting(mine)).inTerm(term);
    TimestampOracle starting =
        new TimestampOracle(
            clock,
            new StoredWindow(kv, "/timestamp"),
            MetaSim.SAVE_MILLIS,
            given -> !sim.leases() || mine.isLeaseValid(given));
    starting.start(term);
    if (up && store == mine) {
      oracle = starting;
      oracleTerm = term;
    }
  }

  /** The store, whose writes are waited for by letting the simulation go on. */
  private MetaStore waiting(MetaStore real) {
    return (MetaStore)
        Proxy.newProxyInstance(
            MetaStore.class.getClassLoader(),
            new Class<?>[] {MetaStore.class},
            (proxy, method, arguments) -> {
              try {
                Object answer = method.invoke(real, arguments);
                return answer instanceof CompletionStage<?> stage ? sim.await(stage) : answer;
              } catch (InvocationTargetException e) {
                throw e.getCause();
              }
            });
  }

  /** The whole state, to be compared with that of others that have applied as much. */
  MetaSnapshot image() {
    return loop.machine().snapshot(ConfState.getDefaultInstance());
  }

  @Override
  public String toString() {
    return "member %d (%s, boot %d, %s, %s, voter %b, members %s)"
        .formatted(
            id,
            up ? "up" : gone ? "gone" : "down",
            boots,
            store.leadership(),
            store.progress(),
            store.isVoter(id),
            store.members().stream().map(MemberRecord::getId).toList());
  }
}
