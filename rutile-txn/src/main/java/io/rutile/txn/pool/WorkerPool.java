package io.rutile.txn.pool;

import io.rutile.base.clock.Clock;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A fixed number of threads that take tasks from three queues: high before normal before low. One
 * turn in {@link #FAIRNESS_TURNS} looks at the low queue first, so that it cannot starve.
 *
 * <p>Admission is bounded by the number of tasks that wait; what was admitted may resume without
 * limit. The semaphore counts tasks in the queues; a worker owns one permit for the task it takes,
 * so it never finds all queues empty while it runs.
 *
 * <p>Threads: any may offer. {@link #close} waits for the workers to finish what they have, and
 * runs what is left in the queues.
 */
public final class WorkerPool implements TaskPool {
  private static final Logger LOG = LoggerFactory.getLogger(WorkerPool.class);
  private static final int FAIRNESS_TURNS = 32;

  /** Weight of the newest task in the moving average of run times is 1/2^4. */
  private static final int AVERAGE_SHIFT = 4;

  private final Map<Priority, Queue<Runnable>> queues = new EnumMap<>(Priority.class);
  private final Semaphore available = new Semaphore(0);
  private final AtomicInteger queued = new AtomicInteger();
  private final Clock clock;
  private final int maxQueued;
  private final List<Thread> workers = new ArrayList<>();
  private volatile boolean closed;
  private volatile long averageTaskNanos;

  /**
   * @param threads number of workers
   * @param maxTasksPerWorker how many tasks may wait for each worker before new ones are refused
   */
  public WorkerPool(ThreadFactory factory, int threads, int maxTasksPerWorker, Clock clock) {
    this.clock = clock;
    this.maxQueued = Math.multiplyExact(threads, maxTasksPerWorker);
    for (Priority priority : Priority.values()) {
      queues.put(priority, new ConcurrentLinkedQueue<>());
    }
    for (int i = 0; i < threads; i++) {
      workers.add(factory.newThread(this::work));
    }
    workers.forEach(Thread::start);
  }

  /** A factory of daemon threads {@code name-0}, {@code name-1}, ... */
  public static ThreadFactory threads(String name) {
    return Thread.ofPlatform().name(name + "-", 0).daemon(true).factory();
  }

  @Override
  public boolean offer(Priority priority, Runnable task) {
    if (closed) {
      return false;
    }
    if (queued.incrementAndGet() > maxQueued && priority != Priority.HIGH) {
      queued.decrementAndGet();
      return false;
    }
    enqueue(priority, task);
    return true;
  }

  @Override
  public void resume(Priority priority, Runnable task) {
    if (closed) {
      run(task);
      return;
    }
    queued.incrementAndGet();
    enqueue(priority, task);
  }

  private void enqueue(Priority priority, Runnable task) {
    queueOf(priority).add(task);
    available.release();
    if (closed) {
      drain();
    }
  }

  @Override
  public long estimatedWaitNanos() {
    return averageTaskNanos * queued.get() / workers.size();
  }

  @Override
  public int queued() {
    return queued.get();
  }

  private void work() {
    int turn = 0;
    while (true) {
      available.acquireUninterruptibly();
      Runnable task = take(++turn % FAIRNESS_TURNS == 0);
      if (task == null) {
        return;
      }
      long started = clock.monotonicNanos();
      run(task);
      long spent = clock.monotonicNanos() - started;
      averageTaskNanos += (spent - averageTaskNanos) >> AVERAGE_SHIFT;
    }
  }

  private @Nullable Runnable take(boolean lowFirst) {
    Runnable task = lowFirst ? queueOf(Priority.LOW).poll() : null;
    for (Queue<Runnable> queue : queues.values()) {
      if (task != null) {
        break;
      }
      task = queue.poll();
    }
    if (task != null) {
      queued.decrementAndGet();
    }
    return task;
  }

  private Queue<Runnable> queueOf(Priority priority) {
    Queue<Runnable> queue = queues.get(priority);
    if (queue == null) {
      throw new IllegalStateException("no queue for " + priority);
    }
    return queue;
  }

  private static void run(Runnable task) {
    try {
      task.run();
    } catch (RuntimeException e) {
      LOG.error("a task failed without answering its request", e);
    }
  }

  private void drain() {
    for (Runnable task = take(false); task != null; task = take(false)) {
      run(task);
    }
  }

  /** Refuses new tasks, lets the workers end and runs what they left. */
  @Override
  public void close() {
    closed = true;
    available.release(workers.size() + queued.get());
    boolean interrupted = false;
    for (Thread worker : workers) {
      while (worker.isAlive()) {
        try {
          worker.join();
        } catch (InterruptedException e) {
          interrupted = true;
        }
      }
    }
    drain();
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
