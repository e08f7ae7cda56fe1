package io.rutile.verify.cluster;

import io.rutile.verify.check.Operation;
import io.rutile.verify.check.Transaction;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;

/**
 * Clients that move money between accounts in transactions, and others that add all of it up in one
 * snapshot. Every transaction is written down for the replay.
 */
final class BankClients {
  private static final int ACCOUNTS = 6;
  private static final long START_BALANCE = 50;
  private static final long TXN_NANOS = 40 * SimWorld.SECOND;

  /** A transaction whose commit got no answer. */
  private record Unsettled(
      String primary,
      long startTs,
      Map<String, Optional<String>> reads,
      Map<String, Optional<String>> writes,
      long begunNanos) {}

  private final SimWorld world;
  private final List<Transaction> history = new ArrayList<>();
  private final List<Unsettled> unsettled = new ArrayList<>();
  private final List<String> wrong = new ArrayList<>();
  private int sums;

  BankClients(SimWorld world) {
    this.world = world;
  }

  private static String account(int number) {
    return (char) ('c' + 4 * number) + "-account";
  }

  List<Transaction> history() {
    return history;
  }

  /** Sums that were not what they should be, in words. */
  List<String> wrong() {
    return wrong;
  }

  int sums() {
    return sums;
  }

  /** Puts money into all accounts; the cluster must be well. */
  void startOpening() {
    world.start(
        "bank-open",
        self -> {
          Map<String, String> writes = new LinkedHashMap<>();
          for (int i = 0; i < ACCOUNTS; i++) {
            writes.put(account(i), Long.toString(START_BALANCE));
          }
          long begun = world.now();
          commit(self, world.cluster.pd().timestamp(), Map.of(), writes, begun);
        });
  }

  void startMover(int id, SplittableRandom random, long untilNanos) {
    world.start(
        "bank-" + id,
        self -> {
          while (world.now() < untilNanos) {
            try {
              move(self, random);
            } catch (TxnCalls.GivenUp | TxnCalls.Refused e) {
              // The next one may have more luck; locks left behind are others' to clear away.
            }
            world.sleep(self, random.nextLong(SimWorld.SECOND));
          }
        });
  }

  void startSums(SplittableRandom random, long untilNanos) {
    world.start(
        "bank-sum",
        self -> {
          while (world.now() < untilNanos) {
            try {
              sum(self);
            } catch (TxnCalls.GivenUp e) {
              // No answer in time: no sum.
            }
            world.sleep(self, random.nextLong(2 * SimWorld.SECOND));
          }
        });
  }

  /** Finds out what became of every transaction, and adds up once more. */
  void startSettling() {
    world.start(
        "bank-settle",
        self -> {
          TxnCalls calls = new TxnCalls(world, self);
          for (Unsettled open : unsettled) {
            long commitTs =
                calls.settle(open.primary(), open.startTs(), world.now() + 10 * TXN_NANOS);
            world.probes.hit("commit outcome settled later");
            if (commitTs > 0) {
              history.add(
                  new Transaction(
                      open.startTs(),
                      commitTs,
                      open.reads(),
                      open.writes(),
                      open.begunNanos(),
                      Operation.OPEN));
            }
          }
          unsettled.clear();
          sum(self);
        });
  }

  private void move(Fiber self, SplittableRandom random) {
    String from = account(random.nextInt(ACCOUNTS));
    String to = account(random.nextInt(ACCOUNTS));
    if (from.equals(to)) {
      return;
    }
    long begun = world.now();
    long until = begun + TXN_NANOS;
    long startTs = world.cluster.pd().timestamp();
    TxnCalls calls = new TxnCalls(world, self);
    Map<String, Optional<String>> reads = new LinkedHashMap<>();
    reads.put(from, calls.get(from, startTs, until));
    reads.put(to, calls.get(to, startTs, until));
    long left = balance(reads.get(from));
    long right = balance(reads.get(to));
    long amount = Math.min(left, 1 + random.nextLong(9));
    Map<String, String> writes = new LinkedHashMap<>();
    writes.put(from, (left - amount) + ":" + startTs);
    writes.put(to, (right + amount) + ":" + startTs);
    commit(self, startTs, reads, writes, begun);
  }

  private void commit(
      Fiber self,
      long startTs,
      Map<String, Optional<String>> reads,
      Map<String, String> writes,
      long begun) {
    long until = begun + TXN_NANOS;
    TxnCalls calls = new TxnCalls(world, self);
    String primary = writes.keySet().iterator().next();
    writes.forEach((key, value) -> calls.prewrite(key, value, primary, startTs, until));
    long commitTs = world.cluster.pd().timestamp();
    Map<String, Optional<String>> written = new LinkedHashMap<>();
    writes.forEach((key, value) -> written.put(key, Optional.of(value)));
    try {
      calls.commit(primary, startTs, commitTs, until);
    } catch (TxnCalls.GivenUp e) {
      unsettled.add(new Unsettled(primary, startTs, reads, written, begun));
      return;
    }
    history.add(new Transaction(startTs, commitTs, reads, written, begun, world.now()));
    for (String key : writes.keySet()) {
      if (!key.equals(primary)) {
        calls.commit(key, startTs, commitTs, world.now() + TXN_NANOS);
      }
    }
  }

  private void sum(Fiber self) {
    long begun = world.now();
    long startTs = world.cluster.pd().timestamp();
    TxnCalls calls = new TxnCalls(world, self);
    Map<String, Optional<String>> reads = new LinkedHashMap<>();
    long total = 0;
    for (int i = 0; i < ACCOUNTS; i++) {
      Optional<String> value = calls.get(account(i), startTs, begun + TXN_NANOS);
      reads.put(account(i), value);
      total += balance(value);
    }
    history.add(new Transaction(startTs, 0, reads, Map.of(), begun, world.now()));
    sums++;
    if (total != ACCOUNTS * START_BALANCE) {
      wrong.add("the sum at " + startTs + " is " + total + " of " + reads);
    }
  }

  private static long balance(Optional<String> value) {
    return value.map(text -> Long.parseLong(text.split(":", 2)[0])).orElse(0L);
  }
}
