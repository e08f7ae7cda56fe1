package io.rutile.pd.meta;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnsafeByteOperations;
import io.rutile.raft.core.RaftNode;
import io.rutile.raft.core.ReadState;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * Linearizable reads under way. All that arrive in one turn of the loop share one question to the
 * leader; a question that got lost is asked again.
 *
 * <p>Owned by: the store's thread.
 */
final class ReadBarriers {
  /** Ticks after which an unanswered question is asked again. */
  private static final int RETRY_TICKS = 5;

  private static final class Question {
    private final List<CompletableFuture<Void>> waiting;
    private int ageTicks;
    private long index = -1;

    private Question(List<CompletableFuture<Void>> waiting) {
      this.waiting = waiting;
    }
  }

  private final RaftNode node;
  private final Map<Long, Question> questions = new HashMap<>();
  private List<CompletableFuture<Void>> fresh = new ArrayList<>();
  private long nextId = 1;

  ReadBarriers(RaftNode node) {
    this.node = node;
  }

  void add(CompletableFuture<Void> done) {
    fresh.add(done);
  }

  /** Asks for everything that arrived. */
  void ask() {
    if (!fresh.isEmpty()) {
      long id = nextId++;
      questions.put(id, new Question(fresh));
      fresh = new ArrayList<>();
      node.readIndex(context(id));
    }
  }

  private static ByteString context(long id) {
    return UnsafeByteOperations.unsafeWrap(MetaKv.number(id));
  }

  void tick() {
    for (Map.Entry<Long, Question> entry : questions.entrySet()) {
      Question question = entry.getValue();
      question.ageTicks++;
      if (question.index < 0 && question.ageTicks % RETRY_TICKS == 0) {
        node.readIndex(context(entry.getKey()));
      }
    }
  }

  void answered(ReadState state) {
    @Nullable Question question =
        questions.get(MetaKv.number(state.requestContext().toByteArray()));
    if (question != null) {
      question.index = state.index();
    }
  }

  /** Lets everyone go whose index is applied. */
  void release(long applied) {
    questions
        .values()
        .removeIf(question -> {
          if (question.index < 0 || question.index > applied) {
            return false;
          }
          question.waiting.forEach(done -> done.complete(null));
          return true;
        });
  }

  void fail(MetaStoreException cause) {
    fresh.forEach(done -> done.completeExceptionally(cause));
    fresh.clear();
    questions
        .values()
        .forEach(question -> question.waiting.forEach(done -> done.completeExceptionally(cause)));
    questions.clear();
  }
}
