package io.rutile.raft.golden;

import io.rutile.proto.eraftpb.ConfChangeSingle;
import io.rutile.proto.eraftpb.ConfChangeV2;
import io.rutile.proto.eraftpb.ConfState;
import io.rutile.proto.eraftpb.Entry;
import io.rutile.proto.eraftpb.EntryType;
import io.rutile.proto.eraftpb.HardState;
import io.rutile.proto.eraftpb.Message;
import io.rutile.proto.eraftpb.Snapshot;
import io.rutile.raft.confchange.Configuration;
import io.rutile.raft.core.PeerProgress;
import io.rutile.raft.core.RaftStatus;
import io.rutile.raft.core.ReadState;
import io.rutile.raft.core.Ready;
import io.rutile.raft.core.SoftState;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/** Text forms for traces. Terms and indexes are written term/index. */
final class Trace {
  private Trace() {}

  static List<String> describe(Ready ready) {
    List<String> lines = new ArrayList<>();
    SoftState soft = ready.softState();
    if (soft != null) {
      lines.add("now " + soft.role() + " leader=" + soft.leaderId());
    }
    HardState hard = ready.hardState();
    if (hard != null) {
      lines.add("state " + describe(hard));
    }
    Snapshot snapshot = ready.snapshot();
    if (snapshot != null) {
      lines.add("snapshot " + describe(snapshot));
    }
    add(lines, "append", ready.entries());
    add(lines, "commit", ready.committedEntries());
    for (ReadState read : ready.readStates()) {
      lines.add("read " + read.requestContext().toStringUtf8() + " at " + read.index());
    }
    ready.messages().forEach(message -> lines.add("send " + describe(message)));
    ready.persistedMessages().forEach(message -> lines.add("then " + describe(message)));
    if (ready.mustSync()) {
      lines.add("sync");
    }
    return lines;
  }

  private static void add(List<String> lines, String what, List<Entry> entries) {
    if (!entries.isEmpty()) {
      lines.add(what + " " + describe(entries));
    }
  }

  static String describe(HardState state) {
    return "term=" + state.getTerm() + " vote=" + state.getVote() + " commit=" + state.getCommit();
  }

  static String describe(List<Entry> entries) {
    return entries.stream().map(Trace::describe).collect(Collectors.joining(", "));
  }

  static String describe(Entry entry) {
    String position = entry.getTerm() + "/" + entry.getIndex();
    if (entry.getEntryType() == EntryType.EntryNormal) {
      return position + " \"" + entry.getData().toStringUtf8() + "\"";
    }
    return position + " " + describe(changeOf(entry));
  }

  static ConfChangeV2 changeOf(Entry entry) {
    try {
      return ConfChangeV2.parseFrom(entry.getData());
    } catch (com.google.protobuf.InvalidProtocolBufferException e) {
      throw new IllegalArgumentException(e);
    }
  }

  private static String describe(ConfChangeV2 change) {
    if (change.getChangesCount() == 0) {
      return "leave-joint";
    }
    return change.getChangesList().stream()
        .map(Trace::describe)
        .collect(Collectors.joining(" ", "change[", "]"));
  }

  private static String describe(ConfChangeSingle change) {
    String kind =
        switch (change.getChangeType()) {
          case AddNode -> "v";
          case AddLearnerNode -> "l";
          case RemoveNode -> "r";
          case UNRECOGNIZED -> "?";
        };
    return kind + change.getNodeId();
  }

  static String describe(ConfState state) {
    return Configuration.from(state).toString();
  }

  static String describe(Snapshot snapshot) {
    var meta = snapshot.getMetadata();
    return meta.getTerm() + "/" + meta.getIndex() + " " + describe(meta.getConfState());
  }

  static String describe(Message m) {
    StringBuilder text = new StringBuilder();
    text.append(m.getFrom()).append("->").append(m.getTo()).append(' ');
    text.append(m.getMsgType().name().substring("Msg".length())).append(" t=").append(m.getTerm());
    switch (m.getMsgType()) {
      case MsgAppend -> {
        text.append(" after ").append(m.getLogTerm()).append('/').append(m.getIndex());
        text.append(" commit=").append(m.getCommit());
        text.append(" [").append(describe(m.getEntriesList())).append(']');
      }
      case MsgAppendResponse -> {
        text.append(m.getReject() ? " reject " : " accept ").append(m.getIndex());
        if (m.getReject()) {
          text.append(" hint=").append(m.getLogTerm()).append('/').append(m.getRejectHint());
        }
        if (m.getRequestSnapshot() != 0) {
          text.append(" wants snapshot at ").append(m.getRequestSnapshot());
        }
      }
      case MsgRequestVote, MsgRequestPreVote -> {
        text.append(" last=").append(m.getLogTerm()).append('/').append(m.getIndex());
        text.append(m.getContext().isEmpty() ? "" : " forced");
        text.append(m.getPriority() == 0 ? "" : " priority=" + m.getPriority());
      }
      case MsgRequestVoteResponse, MsgRequestPreVoteResponse ->
          text.append(m.getReject() ? " reject" : " grant");
      case MsgSnapshot -> text.append(' ').append(describe(m.getSnapshot()));
      case MsgHeartbeat, MsgHeartbeatResponse ->
          text.append(" round=")
              .append(m.getContext().asReadOnlyByteBuffer().getLong())
              .append(" commit=")
              .append(m.getCommit());
      case MsgReadIndex, MsgReadIndexResp ->
          text.append(' ')
              .append(m.getEntries(0).getData().toStringUtf8())
              .append(" at ")
              .append(m.getIndex());
      default -> {}
    }
    return text.toString();
  }

  static List<String> describe(RaftStatus status) {
    List<String> lines = new ArrayList<>();
    lines.add(
        "%s term=%d vote=%d leader=%d commit=%d applied=%d last=%d persisted=%d %s"
            .formatted(
                status.role(),
                status.term(),
                status.vote(),
                status.leaderId(),
                status.commit(),
                status.applied(),
                status.lastIndex(),
                status.persisted(),
                describe(status.confState())));
    for (PeerProgress peer : status.progress()) {
      lines.add(describe(peer));
    }
    return lines;
  }

  private static String describe(PeerProgress peer) {
    return "%d: %s match=%d next=%d%s%s%s%s"
        .formatted(
            peer.id(),
            peer.state(),
            peer.match(),
            peer.next(),
            peer.inflightMessages() == 0 ? "" : " inflight=" + peer.inflightMessages(),
            peer.pendingSnapshot() == 0 ? "" : " snapshot=" + peer.pendingSnapshot(),
            peer.recentActive() ? " active" : "",
            peer.learner() ? " learner" : "");
  }
}
