package io.rutile.verify.raft;

import io.rutile.proto.eraftpb.Message;
import io.rutile.proto.eraftpb.MessageType;
import java.util.HashSet;
import java.util.Set;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;

/** Links that delay, reorder, lose and repeat messages, and can be cut one way. */
final class SimNetwork {
  private static final int CALM_DELAY_MAX = 200;

  private record Link(long from, long to) {}

  private final SimClock clock;
  private final SimOptions options;
  private final RandomGenerator random;
  private final Consumer<Message> receiver;
  private final Consumer<Message> lost;
  private final Set<Link> cut = new HashSet<>();
  private boolean calm;

  SimNetwork(
      SimClock clock,
      SimOptions options,
      RandomGenerator random,
      Consumer<Message> receiver,
      Consumer<Message> lost) {
    this.clock = clock;
    this.options = options;
    this.random = random;
    this.receiver = receiver;
    this.lost = lost;
  }

  /** From now on nothing is lost, and delays are short. */
  void calm() {
    calm = true;
    cut.clear();
  }

  void cut(long from, long to) {
    cut.add(new Link(from, to));
  }

  void heal() {
    cut.clear();
  }

  void send(Message message) {
    boolean drop = !calm && random.nextInt(100) < options.dropPercent();
    if (drop || cut.contains(new Link(message.getFrom(), message.getTo()))) {
      lost.accept(message);
      return;
    }
    clock.after(delay(), () -> receiver.accept(message));
    // A snapshot goes over a stream of its own, which delivers once or fails.
    boolean mayRepeat = message.getMsgType() != MessageType.MsgSnapshot && !calm;
    if (mayRepeat && random.nextInt(100) < options.duplicatePercent()) {
      clock.after(delay(), () -> receiver.accept(message));
    }
  }

  private long delay() {
    return 1 + random.nextInt(calm ? CALM_DELAY_MAX : options.networkDelayMax());
  }
}
