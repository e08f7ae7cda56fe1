package io.rutile.server.service;

import com.google.protobuf.Message;
import io.rutile.store.Store;
import io.rutile.txn.storage.BatchSink;
import io.rutile.txn.storage.RawKv;
import io.rutile.txn.storage.TxnKv;
import java.lang.reflect.Proxy;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Function;

/** A storage facade whose methods are given by the test, by the name of the method. */
final class FakeStorage {
  final Map<String, Function<Message, CompletionStage<?>>> methods = new ConcurrentHashMap<>();

  /** Sizes of the lists of point gets that were handed over together. */
  final List<Integer> getBatches = new CopyOnWriteArrayList<>();

  Storage storage() {
    return new Storage(proxy(RawKv.class), proxy(TxnKv.class));
  }

  /** A store that serves nothing: for tests that do not reach it. */
  static Store store() {
    return (Store)
        Proxy.newProxyInstance(
            Store.class.getClassLoader(),
            new Class<?>[] {Store.class},
            (self, method, arguments) -> {
              throw new IllegalStateException("the test does not expect " + method.getName());
            });
  }

  @SuppressWarnings("unchecked")
  private <T> T proxy(Class<T> facade) {
    return (T)
        Proxy.newProxyInstance(
            facade.getClassLoader(),
            new Class<?>[] {facade},
            (self, method, arguments) -> {
              if (method.getName().equals("getAll")) {
                getAll((List<Message>) arguments[0], (BatchSink<Object>) arguments[1]);
                return null;
              }
              return serve(method.getName(), (Message) arguments[0]);
            });
  }

  private void getAll(List<Message> requests, BatchSink<Object> sink) {
    getBatches.add(requests.size());
    for (int i = 0; i < requests.size(); i++) {
      int index = i;
      serve("get", requests.get(i))
          .thenAccept(response -> sink.accept(new int[] {index}, List.of(response)));
    }
  }

  private CompletionStage<?> serve(String name, Message request) {
    Function<Message, CompletionStage<?>> method = methods.get(name);
    if (method == null) {
      throw new IllegalStateException("the test does not expect " + name);
    }
    return method.apply(request);
  }
}
