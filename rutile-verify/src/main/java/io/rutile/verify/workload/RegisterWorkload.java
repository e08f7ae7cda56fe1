package io.rutile.verify.workload;

import io.rutile.base.error.RutileException;
import io.rutile.client.kv.KvException;
import io.rutile.client.kv.RawClient;
import io.rutile.verify.check.LinearizabilityChecker;
import io.rutile.verify.check.LinearizabilityChecker.Verdict;
import io.rutile.verify.check.Operation;
import io.rutile.verify.check.RegisterModel;
import io.rutile.verify.check.RegisterModel.Answer;
import io.rutile.verify.check.RegisterModel.Call;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;

/**
 * Clients that read, write and swap raw keys in all regions; the history must be linearizable. That
 * includes that nothing acknowledged is lost and that nothing stale is read, by whatever leader.
 */
public final class RegisterWorkload {
  private static final int KEYS = 16;
  private static final int CLIENTS = 6;

  /** Keeps histories short enough to be checked. */
  private static final long PAUSE_MILLIS = 4;

  private static final long MAX_STEPS = 20_000_000;

  /**
   * What came out.
   *
   * @param unknown calls whose outcome nobody knows
   * @param culprit the history of the key that is not linearizable
   */
  public record Result(
      int calls, int unknown, Verdict verdict, List<Operation<Call, Answer>> culprit) {}

  private final Connections connections;
  private final String name;
  private final Clients clients = new Clients();
  private final ConcurrentLinkedQueue<Operation<Call, Answer>> history =
      new ConcurrentLinkedQueue<>();

  /**
   * @param name of its keys: they must be fresh
   */
  public RegisterWorkload(Connections connections, String name) {
    this.connections = connections;
    this.name = name;
  }

  public void start(long seed) {
    SplittableRandom seeds = new SplittableRandom(seed);
    for (int i = 0; i < CLIENTS; i++) {
      Client client = new Client(i, seeds.split());
      clients.start("register-" + i, client::step);
    }
  }

  /** Calls that were answered so far. */
  public int answered() {
    clients.check();
    return history.size();
  }

  /** Ends the clients, reads every key once more, and judges. */
  public Result end() {
    clients.end();
    for (int i = 0; i < KEYS; i++) {
      Client last = new Client(CLIENTS, new SplittableRandom(i));
      last.call(new Call.Get(Keys.text(Keys.key(name, i))));
    }
    List<Operation<Call, Answer>> calls = List.copyOf(history);
    LinearizabilityChecker.Result<Call, Answer> result =
        new LinearizabilityChecker<>(new RegisterModel(), MAX_STEPS).check(calls);
    int unknown = (int) calls.stream().filter(Operation::open).count();
    return new Result(calls.size(), unknown, result.verdict(), result.culprit());
  }

  private final class Client {
    private final int id;
    private final SplittableRandom random;
    private int values;

    Client(int id, SplittableRandom random) {
      this.id = id;
      this.random = random;
    }

    void step() throws InterruptedException {
      String key = Keys.text(Keys.key(name, random.nextInt(KEYS)));
      int dice = random.nextInt(100);
      if (dice < 45) {
        call(new Call.Get(key));
      } else if (dice < 80) {
        call(new Call.Put(key, nextValue()));
      } else if (dice < 85) {
        call(new Call.Delete(key));
      } else {
        Optional<String> seen = call(new Call.Get(key));
        call(new Call.CompareAndSwap(key, seen, nextValue()));
      }
      TimeUnit.MILLISECONDS.sleep(PAUSE_MILLIS);
    }

    private String nextValue() {
      return id + "." + values++;
    }

    /** Makes one call and writes it down. Returns the value that a get read. */
    Optional<String> call(Call call) {
      long from = System.nanoTime();
      try {
        Answer answer = ask(call);
        history.add(new Operation<>(id, call, from, answer, System.nanoTime()));
        return answer.value();
      } catch (KvException e) {
        boolean changes = !(call instanceof Call.Get);
        if (e.kind() == KvException.Kind.UNDETERMINED && changes) {
          history.add(new Operation<>(id, call, from, Answer.DONE, Operation.OPEN));
        } else if (!Clients.bearable(e)) {
          throw e;
        }
        return Optional.empty();
      } catch (RutileException e) {
        if (!Clients.bearable(e)) {
          throw e;
        }
        // PD did not say where the key is: no store was asked, or an earlier attempt was cut off.
        if (!(call instanceof Call.Get)) {
          history.add(new Operation<>(id, call, from, Answer.DONE, Operation.OPEN));
        }
        return Optional.empty();
      }
    }

    private Answer ask(Call call) {
      RawClient raw = connections.raw();
      byte[] key = Keys.bytes(call.key());
      return switch (call) {
        case Call.Get get -> Answer.read(raw.get(key).map(Keys::text));
        case Call.Put put -> {
          raw.put(key, Keys.bytes(put.value()), 0, true);
          yield Answer.DONE;
        }
        case Call.Delete delete -> {
          raw.delete(key, true);
          yield Answer.DONE;
        }
        case Call.CompareAndSwap swap -> {
          RawClient.SwapResult result =
              raw.compareAndSwap(key, swap.expected().map(Keys::bytes), Keys.bytes(swap.value()));
          yield Answer.swap(result.swapped(), result.found().map(Keys::text));
        }
      };
    }
  }
}
