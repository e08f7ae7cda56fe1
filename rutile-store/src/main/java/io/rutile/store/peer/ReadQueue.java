package io.rutile.store.peer;

import com.google.protobuf.ByteString;
import io.rutile.proto.kvrpcpb.LockInfo;
import io.rutile.raft.core.RaftNode;
import io.rutile.txn.error.TxnError;
import io.rutile.txn.gate.RegionErrorException;
import io.rutile.txn.gate.RegionErrors;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/**
 * Reads of one peer that must hear from the group first. Owned by: store loop.
 *
 * <p>All that come in one turn share one question to the group; when the answer, an index, is
 * there, they wait until it is applied. A question that gets lost is asked again.
 */
final class ReadQueue {
  /** One question, with those who wait for its answer. */
  private static final class Round {
    final List<ReadRequest> requests;
    final ByteString context;
    final long askedNanos;
    int ticks;

    Round(List<ReadRequest> requests, ByteString context, long askedNanos) {
      this.requests = requests;
      this.context = context;
      this.askedNanos = askedNanos;
    }
  }

  private record Confirmed(long index, List<ReadRequest> requests) {}

  private final long peerId;
  private final int retryTicks;
  private List<ReadRequest> waiting = new ArrayList<>();
  private final Map<Long, Round> asked = new LinkedHashMap<>();
  private final ArrayDeque<Confirmed> confirmed = new ArrayDeque<>();
  private long nextId;

  /**
   * @param firstId differs between runs of the process, so that late answers are not mistaken
   */
  ReadQueue(long peerId, int retryTicks, long firstId) {
    this.peerId = peerId;
    this.retryTicks = retryTicks;
    this.nextId = firstId;
  }

  boolean hasWaiting() {
    return !waiting.isEmpty();
  }

  boolean isEmpty() {
    return waiting.isEmpty() && asked.isEmpty() && confirmed.isEmpty();
  }

  void add(ReadRequest request) {
    waiting.add(request);
  }

  /** Asks the group for everything that waits. */
  void ask(RaftNode node, long nowNanos) {
    if (waiting.isEmpty()) {
      return;
    }
    long id = nextId++;
    ByteString context = ReadIndexContext.question(peerId, id, waiting);
    asked.put(id, new Round(waiting, context, nowNanos));
    waiting = new ArrayList<>();
    node.readIndex(context);
  }

  /** A tick has passed: questions without an answer for too long are asked again. */
  void tick(RaftNode node) {
    for (Round round : asked.values()) {
      if (++round.ticks >= retryTicks) {
        round.ticks = 0;
        node.readIndex(round.context);
      }
    }
  }

  /**
   * An answer.
   *
   * @return when the question was first asked, for the lease; Long.MIN_VALUE for an answer that
   *     nobody waits for
   */
  long onAnswer(ByteString context, long index) {
    ReadIndexContext answer = ReadIndexContext.parse(context);
    if (answer == null || answer.peerId() != peerId) {
      return Long.MIN_VALUE;
    }
    Round round = asked.remove(answer.id());
    if (round == null) {
      return Long.MIN_VALUE;
    }
    LockInfo lock = answer.locked();
    if (lock != null) {
      round.requests.forEach(request ->
          request.done().completeExceptionally(new TxnError.KeyIsLocked(lock).exception()));
    } else {
      confirmed.add(new Confirmed(index, round.requests));
    }
    return round.ticks == 0 ? round.askedNanos : Long.MIN_VALUE;
  }

  /** Hands over the reads whose index is applied. */
  void release(long appliedIndex, Consumer<ReadRequest> serve) {
    while (!confirmed.isEmpty() && confirmed.peekFirst().index() <= appliedIndex) {
      confirmed.removeFirst().requests().forEach(serve);
    }
  }

  /** Fails every read that has passed its deadline. */
  void expire(long nowNanos) {
    if (isEmpty()) {
      return;
    }
    waiting.removeIf(request -> expired(request, nowNanos));
    for (Round round : asked.values()) {
      round.requests.removeIf(request -> expired(request, nowNanos));
    }
    asked.values().removeIf(round -> round.requests.isEmpty());
    for (Confirmed round : confirmed) {
      round.requests().removeIf(request -> expired(request, nowNanos));
    }
  }

  private static boolean expired(ReadRequest request, long nowNanos) {
    long deadline = request.context().deadlineNanos();
    if (deadline == Long.MAX_VALUE || nowNanos - deadline < 0) {
      return false;
    }
    request.fail(RegionErrors.deadlineExceeded());
    return true;
  }

  /** No answer will come any more. Confirmed reads are served all the same. */
  void failUnconfirmed(RegionErrorException error) {
    waiting.forEach(request -> request.fail(error));
    waiting.clear();
    asked.values().forEach(round -> round.requests.forEach(request -> request.fail(error)));
    asked.clear();
  }

  void failAll(RegionErrorException error) {
    failUnconfirmed(error);
    confirmed.forEach(round -> round.requests().forEach(request -> request.fail(error)));
    confirmed.clear();
  }
}
