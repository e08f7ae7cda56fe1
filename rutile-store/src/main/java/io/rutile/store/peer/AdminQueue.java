package io.rutile.store.peer;

import com.google.protobuf.ByteString;
import io.rutile.proto.raftcmdpb.AdminRequest;
import io.rutile.proto.raftcmdpb.RaftCmdRequest;
import io.rutile.proto.raftcmdpb.RaftRequestHeader;
import io.rutile.store.apply.AdminOutcome;
import io.rutile.store.meta.Epochs;
import io.rutile.store.meta.RegionImage;
import io.rutile.txn.gate.RegionErrorException;
import io.rutile.txn.gate.RegionErrors;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Admin commands of one peer that are proposed and not applied. Owned by: store loop.
 *
 * <p>While a command that changes the epoch's version is under way, ordinary writes are held back:
 * they would only be refused at apply, without the client learning of the new regions. While one
 * that changes either half is under way, no other such command is proposed.
 */
final class AdminQueue {
  private record InFlight(
      long index, long term, Epochs.Rule rule, @Nullable Consumer<AdminOutcome> done) {}

  private final ArrayDeque<InFlight> inFlight = new ArrayDeque<>();
  private List<WriteRequest> heldBack = new ArrayList<>();

  /** Encodes an admin command for the region as it is. */
  static ByteString encode(RegionImage image, long term, AdminRequest admin, long flags) {
    return RaftCmdRequest.newBuilder()
        .setHeader(
            RaftRequestHeader.newBuilder()
                .setRegionId(image.id())
                .setPeer(image.self())
                .setRegionEpoch(image.region().getRegionEpoch())
                .setTerm(term)
                .setFlags(flags))
        .setAdminRequest(admin)
        .build()
        .toByteString();
  }

  /** Whether a range change is under way, so that writes have to wait and leases do not hold. */
  boolean versionChanging() {
    for (InFlight command : inFlight) {
      if (command.rule().changesVersion()) {
        return true;
      }
    }
    return false;
  }

  boolean hasInFlight() {
    return !inFlight.isEmpty();
  }

  boolean epochChanging() {
    for (InFlight command : inFlight) {
      if (command.rule().changesVersion() || command.rule().changesConfVer()) {
        return true;
      }
    }
    return false;
  }

  void onProposed(long index, long term, Epochs.Rule rule, @Nullable Consumer<AdminOutcome> done) {
    inFlight.add(new InFlight(index, term, rule, done));
  }

  void holdBack(WriteRequest request) {
    heldBack.add(request);
  }

  /** Writes that may go on, when no range change is under way any more. */
  List<WriteRequest> takeReleased() {
    if (heldBack.isEmpty() || versionChanging()) {
      return List.of();
    }
    List<WriteRequest> released = heldBack;
    heldBack = new ArrayList<>();
    return released;
  }

  /** Settles commands up to the applied one; those that lost their place in the log fail. */
  void onApplied(AdminOutcome outcome) {
    while (!inFlight.isEmpty() && inFlight.peekFirst().index() <= outcome.index()) {
      InFlight command = inFlight.removeFirst();
      if (command.done() == null) {
        continue;
      }
      boolean mine = command.index() == outcome.index() && command.term() == outcome.term();
      command
          .done()
          .accept(
              mine
                  ? outcome
                  : new AdminOutcome.Refused(
                      command.index(), command.term(), RegionErrors.staleCommand()));
    }
  }

  /** The peer leads no more: whoever leads now decides what becomes of the commands. */
  void onStepDown(RegionErrorException error) {
    for (InFlight command : inFlight) {
      if (command.done() != null) {
        command.done().accept(new AdminOutcome.Refused(command.index(), command.term(), error));
      }
    }
    inFlight.clear();
    heldBack.forEach(request -> request.fail(error));
    heldBack.clear();
  }
}
