package io.rutile.verify.cluster;

import com.google.protobuf.ByteString;
import io.rutile.proto.errorpb.Error;
import io.rutile.proto.kvrpcpb.Context;
import io.rutile.proto.kvrpcpb.RawCASRequest;
import io.rutile.proto.kvrpcpb.RawCASResponse;
import io.rutile.proto.kvrpcpb.RawDeleteRequest;
import io.rutile.proto.kvrpcpb.RawGetRequest;
import io.rutile.proto.kvrpcpb.RawPutRequest;
import io.rutile.txn.storage.TxnStorage;
import io.rutile.verify.check.Operation;
import io.rutile.verify.check.RegisterModel.Answer;
import io.rutile.verify.check.RegisterModel.Call;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.CompletionStage;
import java.util.function.BiFunction;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Clients that read, write and swap raw keys, and write down what they were told. */
final class RegisterClients {
  static final int KEYS = 6;
  private static final long CALL_NANOS = 30 * SimWorld.SECOND;

  private final SimWorld world;
  private final List<Operation<Call, Answer>> history = new ArrayList<>();

  RegisterClients(SimWorld world) {
    this.world = world;
  }

  static String key(int number) {
    return (char) ('a' + 4 * number) + "-register";
  }

  List<Operation<Call, Answer>> history() {
    return history;
  }

  /** A client that calls until the time is over. */
  void start(int id, SplittableRandom random, long untilNanos) {
    world.start(
        "register-" + id,
        self -> {
          int values = 0;
          Optional<String> seen = Optional.empty();
          while (world.now() < untilNanos) {
            String key = key(random.nextInt(KEYS));
            int dice = random.nextInt(100);
            if (dice < 45) {
              seen = call(self, id, new Call.Get(key));
            } else if (dice < 80) {
              call(self, id, new Call.Put(key, id + "." + values++));
            } else if (dice < 85) {
              call(self, id, new Call.Delete(key));
            } else {
              seen = call(self, id, new Call.Get(key));
              call(self, id, new Call.CompareAndSwap(key, seen, id + "." + values++));
            }
            world.sleep(self, random.nextLong(700 * SimWorld.MILLI));
          }
        });
  }

  /** Reads every key once. */
  void startLastReads(int id) {
    world.start(
        "register-last",
        self -> {
          for (int i = 0; i < KEYS; i++) {
            call(self, id, new Call.Get(key(i)));
          }
        });
  }

  private Optional<String> call(Fiber self, int id, Call call) {
    long from = world.now();
    boolean changes = !(call instanceof Call.Get);
    SimWorld.Outcome<Answer> outcome = ask(self, call);
    Answer answer = outcome.answer();
    if (answer != null) {
      history.add(new Operation<>(id, call, from, answer, world.now()));
      return answer.value();
    }
    if (changes && outcome.mayHaveHappened()) {
      history.add(new Operation<>(id, call, from, Answer.DONE, Operation.OPEN));
    }
    return Optional.empty();
  }

  private SimWorld.Outcome<Answer> ask(Fiber self, Call call) {
    ByteString key = ByteString.copyFromUtf8(call.key());
    return switch (call) {
      case Call.Get get ->
          ask(
              self,
              call,
              (storage, context) ->
                  storage
                      .raw()
                      .get(RawGetRequest.newBuilder().setContext(context).setKey(key).build()),
              a -> a.hasRegionError() ? a.getRegionError() : null,
              a ->
                  Answer.read(
                      a.getNotFound()
                          ? Optional.empty()
                          : Optional.of(a.getValue().toStringUtf8())));
      case Call.Put put ->
          ask(
              self,
              call,
              (storage, context) ->
                  storage
                      .raw()
                      .put(
                          RawPutRequest.newBuilder()
                              .setContext(context)
                              .setKey(key)
                              .setValue(ByteString.copyFromUtf8(put.value()))
                              .setForCas(true)
                              .build()),
              a -> a.hasRegionError() ? a.getRegionError() : null,
              a -> Answer.DONE);
      case Call.Delete delete ->
          ask(
              self,
              call,
              (storage, context) ->
                  storage
                      .raw()
                      .delete(
                          RawDeleteRequest.newBuilder()
                              .setContext(context)
                              .setKey(key)
                              .setForCas(true)
                              .build()),
              a -> a.hasRegionError() ? a.getRegionError() : null,
              a -> Answer.DONE);
      case Call.CompareAndSwap swap ->
          ask(
              self,
              call,
              (storage, context) -> storage.raw().compareAndSwap(request(swap, key, context)),
              a -> a.hasRegionError() ? a.getRegionError() : null,
              this::swapped);
    };
  }

  private static RawCASRequest request(Call.CompareAndSwap swap, ByteString key, Context context) {
    return RawCASRequest.newBuilder()
        .setContext(context)
        .setKey(key)
        .setValue(ByteString.copyFromUtf8(swap.value()))
        .setPreviousNotExist(swap.expected().isEmpty())
        .setPreviousValue(swap.expected().map(ByteString::copyFromUtf8).orElse(ByteString.EMPTY))
        .build();
  }

  private Answer swapped(RawCASResponse response) {
    if (!response.getSucceed()) {
      world.probes.hit("swap refused");
    }
    return Answer.swap(
        response.getSucceed(),
        response.getPreviousNotExist()
            ? Optional.empty()
            : Optional.of(response.getPreviousValue().toStringUtf8()));
  }

  private <A> SimWorld.Outcome<Answer> ask(
      Fiber self,
      Call call,
      BiFunction<TxnStorage, Context, CompletionStage<A>> request,
      Function<A, @Nullable Error> regionError,
      Function<A, Answer> answer) {
    SimWorld.Outcome<A> outcome =
        world.call(
            self,
            ByteString.copyFromUtf8(call.key()).toByteArray(),
            world.now() + CALL_NANOS,
            call instanceof Call.Get,
            request,
            regionError);
    A got = outcome.answer();
    return new SimWorld.Outcome<>(
        got == null ? null : answer.apply(got), outcome.mayHaveHappened());
  }
}
