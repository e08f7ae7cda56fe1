package io.rutile.raft.core;

import io.rutile.proto.eraftpb.Message;
import io.rutile.proto.eraftpb.MessageType;
import java.util.ArrayList;
import java.util.List;

/**
 * Messages until the driver takes them, in two classes. Promises (an accepted append, a vote, and
 * the request for votes, which stands for a vote of its own and for a log position) wait until what
 * they promise is durable; everything else may leave at once.
 */
final class Outbox {
  private List<Message> now = List.of();
  private List<Message> afterWrite = List.of();

  void send(Message message) {
    if (now.isEmpty()) {
      now = new ArrayList<>();
    }
    now.add(message);
  }

  /**
   * Queues a promise. An acceptance of a longer log takes the place of the last one in the queue,
   * which it implies.
   */
  void sendAfterWrite(Message message) {
    if (afterWrite.isEmpty()) {
      afterWrite = new ArrayList<>();
    } else if (supersedes(message, afterWrite.getLast())) {
      afterWrite.set(afterWrite.size() - 1, message);
      return;
    }
    afterWrite.add(message);
  }

  private static boolean supersedes(Message message, Message older) {
    return message.getMsgType() == MessageType.MsgAppendResponse
        && older.getMsgType() == MessageType.MsgAppendResponse
        && !message.getReject()
        && !older.getReject()
        && message.getTerm() == older.getTerm()
        && message.getTo() == older.getTo()
        && message.getIndex() >= older.getIndex();
  }

  boolean isEmpty() {
    return now.isEmpty() && afterWrite.isEmpty();
  }

  List<Message> take() {
    List<Message> taken = now;
    now = List.of();
    return taken;
  }

  List<Message> takeAfterWrite() {
    List<Message> taken = afterWrite;
    afterWrite = List.of();
    return taken;
  }
}
