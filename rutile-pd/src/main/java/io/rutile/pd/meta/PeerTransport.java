package io.rutile.pd.meta;

import io.rutile.proto.eraftpb.Message;
import io.rutile.proto.pdmetapb.MemberRecord;
import java.util.List;

/** Carries Raft messages to other members. Called by the store's thread; never blocks. */
public interface PeerTransport extends AutoCloseable {
  /** Where the members are. Called whenever they change. */
  void members(List<MemberRecord> members);

  /** Sends, or loses. */
  void send(List<Message> messages);

  @Override
  void close();

  /** For a member that is alone. */
  PeerTransport NONE =
      new PeerTransport() {
        @Override
        public void members(List<MemberRecord> members) {}

        @Override
        public void send(List<Message> messages) {}

        @Override
        public void close() {}
      };
}
