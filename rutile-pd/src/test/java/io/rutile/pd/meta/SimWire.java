package io.rutile.pd.meta;

import io.rutile.proto.eraftpb.Message;
import java.util.Comparator;
import java.util.PriorityQueue;
import java.util.SplittableRandom;

/**
 * The network of a simulated group: delays, loses, doubles, and cuts members off. As the real
 * transport does, it tells the sender of each snapshot whether that arrived.
 */
final class SimWire {
  private record Flight(long arrivesNanos, long sequence, Message message, boolean lost) {}

  private final SplittableRandom random;
  private final PriorityQueue<Flight> flights =
      new PriorityQueue<>(
          Comparator.comparingLong(Flight::arrivesNanos).thenComparingLong(Flight::sequence));
  private long sequence;
  private int side;
  private long cutUntilNanos;
  private boolean healed;

  SimWire(SplittableRandom random) {
    this.random = random;
  }

  /** Cuts the members whose bits are set off from the others. */
  void cut(int membersOnOneSide, long untilNanos) {
    side = membersOnOneSide;
    cutUntilNanos = untilNanos;
  }

  void heal() {
    healed = true;
    cutUntilNanos = 0;
  }

  void send(Message message, long nowNanos) {
    boolean lost = !healed && random.nextInt(40) == 0;
    int copies = !healed && random.nextInt(60) == 0 ? 2 : 1;
    for (int i = 0; i < copies; i++) {
      boolean late = !healed && random.nextInt(10) == 0;
      long delay = random.nextLong(100_000, late ? 90_000_000 : 4_000_000);
      flights.add(new Flight(nowNanos + delay, sequence++, message, lost));
    }
  }

  /** Hands over what has arrived for that member; what arrives across a cut is lost. */
  void deliver(SimMember to, long nowNanos) {
    while (!flights.isEmpty() && flights.peek().arrivesNanos <= nowNanos) {
      Flight flight = flights.remove();
      Message message = flight.message;
      SimMember target = to.in(message.getTo());
      boolean cut =
          nowNanos < cutUntilNanos
              && ((side >> message.getFrom() & 1) != (side >> message.getTo() & 1));
      if (target != null && target.isUp() && !cut && !flight.lost) {
        target.store().step(message);
        if (message.hasSnapshot()) {
          reportSnapshot(to, message, true);
        }
      } else if (message.hasSnapshot()) {
        reportSnapshot(to, message, false);
      }
    }
  }

  private static void reportSnapshot(SimMember any, Message snapshot, boolean delivered) {
    SimMember sender = any.in(snapshot.getFrom());
    if (sender != null && sender.isUp()) {
      sender.store().reportSnapshot(snapshot.getTo(), delivered);
    }
  }
}
