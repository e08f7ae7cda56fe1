package io.rutile.verify.workload;

import io.rutile.base.error.RutileException;
import io.rutile.client.kv.RawClient.Pair;
import io.rutile.client.kv.Transaction;
import io.rutile.client.kv.TxnOptions;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;

/**
 * Clients that move money between accounts in all regions, in every way in which a transaction
 * commits, while others add up all accounts: in each snapshot the sum is the same, and no account
 * is below zero.
 */
public final class BankWorkload {
  private static final int ACCOUNTS = 16;
  private static final long START_BALANCE = 100;
  private static final int MOVERS = 3;
  private static final long PAUSE_MILLIS = 5;
  private static final long SETTLE_NANOS = TimeUnit.SECONDS.toNanos(60);

  /** A short life for the locks of a client that was cut off. */
  private static final long LOCK_TTL_MILLIS = 3_000;

  /**
   * What came out.
   *
   * @param moves transfers that were acknowledged
   * @param failed those that were not
   * @param wrong snapshots that broke the rule, in words
   */
  public record Result(int moves, int failed, int sums, List<String> wrong) {}

  private final Connections connections;
  private final String name;
  private final Clients clients = new Clients();
  private final AtomicInteger moves = new AtomicInteger();
  private final AtomicInteger failed = new AtomicInteger();
  private final AtomicInteger sums = new AtomicInteger();
  private final ConcurrentLinkedQueue<String> wrong = new ConcurrentLinkedQueue<>();

  /**
   * @param name of its keys: they must be fresh
   */
  public BankWorkload(Connections connections, String name) {
    this.connections = connections;
    this.name = name;
  }

  /** Opens the accounts and starts the clients. The cluster must be well. */
  public void start(long seed) {
    Transaction opening = connections.txn().begin(TxnOptions.DEFAULT);
    for (int i = 0; i < ACCOUNTS; i++) {
      opening.put(Keys.key(name, i), Keys.bytes(Long.toString(START_BALANCE)));
    }
    opening.commit();
    SplittableRandom seeds = new SplittableRandom(seed);
    for (int i = 0; i < MOVERS; i++) {
      SplittableRandom random = seeds.split();
      clients.start("bank-" + i, () -> step(() -> move(random)));
    }
    clients.start("bank-sum", () -> step(this::sum));
  }

  public int moves() {
    clients.check();
    return moves.get();
  }

  /** Ends the clients and adds up once more. */
  public Result end() {
    clients.end();
    int before = sums.get();
    long deadline = System.nanoTime() + SETTLE_NANOS;
    while (sums.get() == before) {
      if (System.nanoTime() - deadline > 0) {
        wrong.add("the accounts cannot be read any more");
        break;
      }
      attempt(this::sum);
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(PAUSE_MILLIS));
    }
    return new Result(moves.get(), failed.get(), sums.get(), List.copyOf(wrong));
  }

  private void step(Runnable action) throws InterruptedException {
    attempt(action);
    TimeUnit.MILLISECONDS.sleep(PAUSE_MILLIS);
  }

  private void attempt(Runnable action) {
    try {
      action.run();
    } catch (RutileException e) {
      if (!Clients.bearable(e)) {
        throw e;
      }
      failed.incrementAndGet();
    }
  }

  private void move(SplittableRandom random) {
    byte[] from = Keys.key(name, random.nextInt(ACCOUNTS));
    byte[] to = Keys.key(name, random.nextInt(ACCOUNTS));
    if (java.util.Arrays.equals(from, to)) {
      return;
    }
    int way = random.nextInt(3);
    Transaction transaction =
        connections.txn().begin(new TxnOptions(way == 1, way == 2, LOCK_TTL_MILLIS));
    long left = balance(transaction.get(from).orElseThrow());
    long right = balance(transaction.get(to).orElseThrow());
    long amount = Math.min(left, 1 + random.nextInt(10));
    transaction.put(from, Keys.bytes(Long.toString(left - amount)));
    transaction.put(to, Keys.bytes(Long.toString(right + amount)));
    transaction.commit();
    moves.incrementAndGet();
  }

  private void sum() {
    List<byte[]> keys = new ArrayList<>();
    for (int i = 0; i < ACCOUNTS; i++) {
      keys.add(Keys.key(name, i));
    }
    long timestamp = connections.txn().timestamp();
    List<Pair> accounts = connections.txn().snapshot(timestamp).batchGet(keys);
    long total = 0;
    boolean negative = false;
    for (Pair account : accounts) {
      long balance = balance(account.value());
      total += balance;
      negative |= balance < 0;
    }
    if (accounts.size() != ACCOUNTS || total != ACCOUNTS * START_BALANCE || negative) {
      wrong.add("at " + timestamp + ": " + accounts.size() + " accounts with " + total + " in all");
    }
    sums.incrementAndGet();
  }

  private static long balance(byte[] value) {
    return Long.parseLong(Keys.text(value));
  }
}
