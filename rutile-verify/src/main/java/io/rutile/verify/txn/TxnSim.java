package io.rutile.verify.txn;

import com.google.protobuf.ByteString;
import com.google.protobuf.Message;
import io.rutile.base.bytes.Bytes;
import io.rutile.base.clock.ManualTimers;
import io.rutile.base.codec.KeyCodec;
import io.rutile.engine.memory.MemoryKvEngine;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * One world of stores, regions and clients for one seed. First trouble of all kinds, as {@link
 * SimOptions} say, until every client has run its transactions; then calm, in which every request
 * must be answered and every lock that was left be resolved; then {@link TxnHistory} and {@link
 * RecordInvariants} judge.
 */
public final class TxnSim {
  /**
   * What a run did.
   *
   * @param traceHash over all that was answered; equal for equal seeds
   * @param violations broken promises, none if all is well
   */
  public record Result(
      long seed,
      long traceHash,
      long requests,
      long committed,
      long reads,
      long deaths,
      long onePhase,
      long async,
      long asyncResolved,
      long pessimistic,
      long pipelined,
      long fallBacks,
      long overlaps,
      long resolved,
      long leaderChanges,
      long crashes,
      long collected,
      List<String> violations) {}

  private static final long START_MILLIS = 1_700_000_000_000L;
  private static final long TROUBLE_MAX_NANOS = 120_000 * SimOptions.MILLI;
  private static final long CALM_MAX_NANOS = 60_000 * SimOptions.MILLI;

  final ManualTimers timers = new ManualTimers(START_MILLIS);
  final MemoryKvEngine engine = new MemoryKvEngine();
  final OpenTimestamps open = new OpenTimestamps();
  final SimOracle oracle;
  final TxnHistory history;
  final SimNetwork network = new SimNetwork(this);
  final SimOptions options;
  final RandomGenerator random;
  private final long seed;
  private final @Nullable Consumer<String> listener;
  private final List<SimStore> stores = new ArrayList<>();
  private final List<SimRegion> regions = new ArrayList<>();
  private final List<TxnClient> clients = new ArrayList<>();
  private final GarbageCollector collector = new GarbageCollector(this);
  private boolean calm;
  private long traceHash;
  long safePoint;
  long deaths;
  long onePhase;
  long async;
  long asyncResolved;
  long pessimistic;
  long pipelined;
  long fallBacks;
  long resolved;
  private long leaderChanges;
  private long crashes;

  private TxnSim(long seed, int transactions, @Nullable Consumer<String> listener) {
    this.seed = seed;
    this.listener = listener;
    SplittableRandom source = new SplittableRandom(seed);
    this.options = SimOptions.random(source);
    this.oracle = new SimOracle(timers, options.oracleStepMillis());
    this.history = new TxnHistory(oracle);
    this.random = source.split();
    for (int i = 0; i < options.stores(); i++) {
      stores.add(new SimStore(this));
    }
    for (int i = 0; i < options.regions(); i++) {
      byte[] start = i == 0 ? Bytes.EMPTY : boundary(i);
      byte[] end = i == options.regions() - 1 ? Bytes.EMPTY : boundary(i + 1);
      SimRegion region = new SimRegion(this, engine, i + 1, start, end);
      regions.add(region);
      region.lead(anyStore());
    }
    for (int i = 0; i < options.clients(); i++) {
      clients.add(new TxnClient(this, transactions));
    }
  }

  /** Where region {@code i} begins. */
  private byte[] boundary(int i) {
    return KeyCodec.encode(
        key(i * options.keys() / options.regions()).getBytes(StandardCharsets.UTF_8));
  }

  /**
   * Runs a seed.
   *
   * @param transactions how many each client runs
   */
  public static Result run(long seed, int transactions) {
    return run(seed, transactions, null);
  }

  /**
   * Runs a seed and tells what happens.
   *
   * @param listener gets one line for each request, answer and write; null for nobody
   */
  public static Result run(long seed, int transactions, @Nullable Consumer<String> listener) {
    return new TxnSim(seed, transactions, listener).run();
  }

  private Result run() {
    try {
      live();
      settle();
    } catch (RuntimeException broken) {
      history.violation("broke: " + broken + " " + List.of(broken.getStackTrace()));
    }
    List<String> violations = new ArrayList<>(history.check());
    if (violations.isEmpty()) {
      regions.forEach(region -> violations.addAll(RecordInvariants.check(region)));
    }
    stores.forEach(store -> store.storage().close());
    engine.close();
    return new Result(
        seed,
        traceHash,
        network.requests(),
        history.committedTxns(),
        history.reads(),
        deaths,
        onePhase,
        async,
        asyncResolved,
        pessimistic,
        pipelined,
        fallBacks,
        history.overlaps(),
        resolved,
        leaderChanges,
        crashes,
        collector.removed(),
        violations);
  }

  private void live() {
    clients.forEach(client -> after(random.nextLong(SimOptions.MILLI * 20), client::begin));
    if (options.troubleNanos() > 0) {
      after(random.nextLong(2 * options.troubleNanos()), this::trouble);
    }
    after(options.collectNanos(), this::collect);
    long deadline = timers.monotonicNanos() + TROUBLE_MAX_NANOS;
    while (clients.stream().anyMatch(client -> !client.isDone())) {
      advance(deadline, "clients that get nowhere");
    }
  }

  private void advance(long deadline, String complaint) {
    timers.advanceNanos(SimOptions.MILLI);
    if (timers.monotonicNanos() > deadline) {
      throw new IllegalStateException(complaint + ": " + network.unanswered());
    }
  }

  private void trouble() {
    if (calm) {
      return;
    }
    after(random.nextLong(2 * options.troubleNanos()), this::trouble);
    if (random.nextInt(4) == 0) {
      crash(random.nextInt(stores.size()));
    } else {
      leaderChanges++;
      regions.get(random.nextInt(regions.size())).changeLeader(anyStore());
    }
  }

  private void crash(int index) {
    crashes++;
    SimStore dead = stores.get(index);
    dead.crash();
    stores.set(index, new SimStore(this));
    network.onCrash(dead);
    for (SimRegion region : regions) {
      if (region.leader() == dead) {
        region.changeLeader(anyStore());
      }
    }
  }

  private void collect() {
    if (!calm) {
      collector
          .round()
          .whenComplete((done, failure) -> after(options.collectNanos(), this::collect));
    }
  }

  /** Ends all trouble; everything that was left open must come to an end now. */
  private void settle() {
    calm = true;
    long deadline = timers.monotonicNanos() + CALM_MAX_NANOS;
    while (!network.isIdle() || collector.isRunning()) {
      advance(deadline, "requests that nobody answers");
    }
    // What was on its way longest has arrived by then.
    timers.advanceNanos(2 * SimNetwork.TIMEOUT_NANOS);
    Settlement settlement = new Settlement(this);
    settlement.begin();
    while (!settlement.isDone()) {
      advance(deadline, "locks that nobody can resolve");
    }
  }

  // ---- what everybody uses ----

  void after(long delayNanos, Runnable task) {
    timers.after(delayNanos, task);
  }

  long delay() {
    return random.nextLong(options.delayMaxNanos());
  }

  boolean isCalm() {
    return calm;
  }

  String key(int number) {
    return "k" + (char) ('a' + number);
  }

  SimStore anyStore() {
    return stores.get(random.nextInt(stores.size()));
  }

  List<SimRegion> regions() {
    return regions;
  }

  @Nullable SimRegion region(long id) {
    return id >= 1 && id <= regions.size() ? regions.get((int) id - 1) : null;
  }

  SimRegion regionOf(String key) {
    byte[] encoded = KeyCodec.encode(key.getBytes(StandardCharsets.UTF_8));
    for (SimRegion region : regions) {
      if (Bytes.inRange(encoded, region.start, region.end)) {
        return region;
      }
    }
    throw new IllegalStateException("no region has " + key);
  }

  /** Keys grouped by their regions. */
  List<List<ByteString>> byRegion(Collection<ByteString> keys) {
    Map<Long, List<ByteString>> groups = new TreeMap<>();
    for (ByteString key : keys) {
      groups.computeIfAbsent(regionOf(key.toStringUtf8()).id, id -> new ArrayList<>()).add(key);
    }
    return new ArrayList<>(new LinkedHashMap<>(groups).values());
  }

  void note(Supplier<String> what) {
    if (listener != null) {
      String text = what.get().replaceAll("\\s+", " ");
      listener.accept(timers.monotonicNanos() / 1000 + " us: " + text);
    }
  }

  void trace(@Nullable Message response) {
    long what = response == null ? 0 : response.toByteString().hashCode();
    traceHash =
        Long.rotateLeft(traceHash ^ what ^ timers.monotonicNanos(), 23) * 0x9E3779B97F4A7C15L;
  }
}
