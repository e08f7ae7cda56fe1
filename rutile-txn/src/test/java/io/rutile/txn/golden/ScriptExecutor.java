package io.rutile.txn.golden;

import com.google.protobuf.Message;

/** Answers the requests of a script, in process or over a network. */
public interface ScriptExecutor extends AutoCloseable {
  Message execute(Message request);

  /** Does something that is no request, such as holding writes back; false when it cannot. */
  boolean control(String verb);

  @Override
  void close();
}
