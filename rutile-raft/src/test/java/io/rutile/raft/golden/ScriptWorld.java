package io.rutile.raft.golden;

import com.google.protobuf.ByteString;
import io.rutile.base.error.RutileException;
import io.rutile.proto.eraftpb.ConfChangeSingle;
import io.rutile.proto.eraftpb.ConfChangeTransition;
import io.rutile.proto.eraftpb.ConfChangeType;
import io.rutile.proto.eraftpb.ConfChangeV2;
import io.rutile.proto.eraftpb.ConfState;
import io.rutile.proto.eraftpb.HardState;
import io.rutile.proto.eraftpb.Message;
import io.rutile.raft.core.RaftConfig;
import io.rutile.raft.core.Ready;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Set;
import java.util.TreeMap;

/**
 * Nodes, their disks and the network between them, driven by the verbs of a script. See {@code
 * golden/README.md} for the verbs.
 */
final class ScriptWorld {
  private static final int STABILIZE_ROUNDS_MAX = 100;

  private final TreeMap<Long, ScriptNode> nodes = new TreeMap<>();
  private final List<Message> network = new ArrayList<>();
  private final Set<String> cutLinks = new HashSet<>();
  private final List<String> trace = new ArrayList<>();
  private boolean quiet;

  /** Runs one line and returns what happened. */
  List<String> run(String line) {
    trace.clear();
    String[] words = line.strip().split("\\s+");
    List<String> args = List.of(words).subList(1, words.length);
    try {
      dispatch(words[0], args);
    } catch (RutileException e) {
      trace.add("refused: " + e.code() + " " + e.getMessage());
    }
    return quiet ? List.of() : List.copyOf(trace);
  }

  private void dispatch(String verb, List<String> args) {
    switch (verb) {
      case "nodes" -> addNodes(args);
      case "quiet" -> quiet = args.getFirst().equals("on");
      case "campaign" -> node(args).raft.campaign();
      case "tick" -> tick(args);
      case "propose" -> propose(args);
      case "conf-change" -> confChange(args);
      case "transfer" -> node(args).raft.transferLeader(number(args, 1));
      case "read" -> node(args).raft.readIndex(ByteString.copyFromUtf8(args.get(1)));
      case "ping" -> node(args).raft.ping();
      case "quiesce" -> node(args).raft.quiesce();
      case "wake" -> node(args).raft.wake();
      case "priority" -> node(args).raft.setPriority(number(args, 1));
      case "unreachable" -> node(args).raft.reportUnreachable(number(args, 1));
      case "report-snapshot" ->
          node(args).raft.reportSnapshot(number(args, 1), args.get(2).equals("ok"));
      case "request-snapshot" -> node(args).raft.requestSnapshot();
      case "snapshots" -> node(args).storage.snapshotAvailable = args.get(1).equals("on");
      case "catch-up" -> catchUp(node(args), number(args, 1));
      case "compact" -> node(args).storage.compactTo(number(args, 1));
      case "restart" -> node(args).restart();
      case "status" -> trace.addAll(Trace.describe(node(args).raft.status()));
      case "lease" -> trace.add("in lease: " + node(args).raft.inLease());
      case "log" -> showLog(node(args));
      default -> dispatchFlow(verb, args);
    }
  }

  private void dispatchFlow(String verb, List<String> args) {
    switch (verb) {
      case "ready" -> takeReady(node(args));
      case "persist" -> persist(node(args));
      case "apply" -> trace.addAll(node(args).applyAll());
      case "deliver" -> deliver(node(args), args.size() > 1 ? number(args, 1) : 0);
      case "drop" -> drop(args);
      case "cut" -> cut(args);
      case "heal" -> cutLinks.clear();
      case "stabilize" -> stabilize(args);
      case "show-network" -> network.forEach(message -> trace.add(Trace.describe(message)));
      default -> throw new IllegalArgumentException("unknown verb: " + verb);
    }
  }

  private ScriptNode node(List<String> args) {
    ScriptNode node = nodes.get(number(args, 0));
    if (node == null) {
      throw new IllegalArgumentException("no node " + args.getFirst());
    }
    return node;
  }

  private static long number(List<String> args, int position) {
    return Long.parseLong(args.get(position));
  }

  private void addNodes(List<String> args) {
    List<Long> ids = new ArrayList<>();
    ConfState.Builder members = ConfState.newBuilder();
    long index = 0;
    List<String> options = new ArrayList<>();
    for (String arg : args) {
      if (arg.startsWith("voters=")) {
        list(arg).forEach(members::addVoters);
      } else if (arg.startsWith("learners=")) {
        list(arg).forEach(members::addLearners);
      } else if (arg.startsWith("index=")) {
        index = Long.parseLong(arg.substring("index=".length()));
      } else if (arg.contains("=")) {
        options.add(arg);
      } else {
        ids.add(Long.parseLong(arg));
      }
    }
    for (long id : ids) {
      RaftConfig.Builder config = RaftConfig.builder(id, new FixedJitter((int) id));
      options.forEach(option -> apply(config, option));
      MemoryStorage storage = MemoryStorage.startingAt(index, index == 0 ? 0 : 1, members.build());
      storage.setHardState(
          HardState.newBuilder().setTerm(index == 0 ? 0 : 1).setCommit(index).build());
      nodes.put(id, new ScriptNode(id, storage, config));
    }
  }

  private static List<Long> list(String arg) {
    List<Long> ids = new ArrayList<>();
    for (String id : arg.substring(arg.indexOf('=') + 1).split(",")) {
      ids.add(Long.parseLong(id));
    }
    return ids;
  }

  private static void apply(RaftConfig.Builder config, String option) {
    String value = option.substring(option.indexOf('=') + 1);
    switch (option.substring(0, option.indexOf('='))) {
      case "prevote" -> config.preVote(Boolean.parseBoolean(value));
      case "checkquorum" -> config.checkQuorum(Boolean.parseBoolean(value));
      case "lease" -> config.readOnlyLease(Boolean.parseBoolean(value));
      case "skip-bcast" -> config.skipBroadcastCommit(Boolean.parseBoolean(value));
      case "max-message" -> config.maxSizePerMessage(Long.parseLong(value));
      case "max-inflight" -> config.maxInflightMessages(Integer.parseInt(value));
      case "max-inflight-bytes" -> config.maxInflightBytes(Long.parseLong(value));
      case "max-uncommitted" -> config.maxUncommittedSize(Long.parseLong(value));
      case "max-committed" -> config.maxCommittedSizePerReady(Long.parseLong(value));
      case "priority" -> config.priority(Long.parseLong(value));
      default -> throw new IllegalArgumentException("unknown option: " + option);
    }
  }

  private void tick(List<String> args) {
    long times = args.size() > 1 ? number(args, 1) : 1;
    for (long i = 0; i < times; i++) {
      node(args).raft.tick();
    }
  }

  private void propose(List<String> args) {
    for (String data : args.subList(1, args.size())) {
      node(args).raft.propose(ByteString.EMPTY, ByteString.copyFromUtf8(data));
    }
  }

  private void confChange(List<String> args) {
    ConfChangeV2.Builder change = ConfChangeV2.newBuilder();
    for (String arg : args.subList(1, args.size())) {
      switch (arg) {
        case "implicit" -> change.setTransition(ConfChangeTransition.Implicit);
        case "explicit" -> change.setTransition(ConfChangeTransition.Explicit);
        case "leave" -> {}
        default -> change.addChanges(single(arg));
      }
    }
    node(args).raft.proposeConfChange(ByteString.EMPTY, change.build());
  }

  private static ConfChangeSingle single(String arg) {
    ConfChangeType type =
        switch (arg.charAt(0)) {
          case 'v' -> ConfChangeType.AddNode;
          case 'l' -> ConfChangeType.AddLearnerNode;
          case 'r' -> ConfChangeType.RemoveNode;
          default -> throw new IllegalArgumentException("unknown change: " + arg);
        };
    return ConfChangeSingle.newBuilder()
        .setChangeType(type)
        .setNodeId(Long.parseLong(arg.substring(1)))
        .build();
  }

  private void catchUp(ScriptNode node, long from) {
    ScriptNode source = nodes.get(from);
    long commit = source.raft.commitIndex();
    boolean taken =
        node.raft.catchUp(
            source.storage.entries(source.storage.firstIndex(), commit + 1, Long.MAX_VALUE),
            commit);
    trace.add(node.id + (taken ? " took what " : " cannot take what ") + from + " has committed");
  }

  private void takeReady(ScriptNode node) {
    if (!node.raft.hasReady()) {
      trace.add(node.id + " has nothing ready");
      return;
    }
    Ready ready = node.takeReady();
    trace.add(node.id + " ready " + ready.number());
    Trace.describe(ready).forEach(line -> trace.add("  " + line));
    send(ready.messages());
    send(node.releaseWithoutWrites());
  }

  private void persist(ScriptNode node) {
    if (node.writing.isEmpty()) {
      trace.add(node.id + " has nothing to persist");
      return;
    }
    trace.add(node.id + " persisted " + node.writing.getFirst().number());
    send(node.persistOldest());
  }

  private void send(List<Message> messages) {
    for (Message message : messages) {
      if (!cutLinks.contains(message.getFrom() + ">" + message.getTo())) {
        network.add(message);
      }
    }
  }

  private void deliver(ScriptNode node, long from) {
    for (Message message : take(node.id, from)) {
      trace.add(node.id + " receives " + Trace.describe(message));
      node.raft.step(message);
    }
  }

  private List<Message> take(long to, long from) {
    List<Message> taken = new ArrayList<>();
    Iterator<Message> each = network.iterator();
    while (each.hasNext()) {
      Message message = each.next();
      if ((to == 0 || message.getTo() == to) && (from == 0 || message.getFrom() == from)) {
        taken.add(message);
        each.remove();
      }
    }
    return taken;
  }

  /** {@code drop TO [FROM]}: 0 stands for every node. */
  private void drop(List<String> args) {
    for (Message message : take(number(args, 0), args.size() > 1 ? number(args, 1) : 0)) {
      trace.add("lost " + Trace.describe(message));
    }
  }

  /** {@code cut A B}: nothing gets from A to B any more; {@code cut A}: A is on its own. */
  private void cut(List<String> args) {
    if (args.size() > 1) {
      cutLinks.add(args.get(0) + ">" + args.get(1));
      return;
    }
    for (long other : nodes.keySet()) {
      cutLinks.add(args.getFirst() + ">" + other);
      cutLinks.add(other + ">" + args.getFirst());
    }
  }

  /** Lets the given nodes, or all, work until nothing happens any more. */
  private void stabilize(List<String> args) {
    List<ScriptNode> working = new ArrayList<>();
    for (ScriptNode node : nodes.values()) {
      if (args.isEmpty() || args.contains(Long.toString(node.id))) {
        working.add(node);
      }
    }
    for (int round = 0; round < STABILIZE_ROUNDS_MAX; round++) {
      boolean quietRound = true;
      for (ScriptNode node : working) {
        quietRound &= !work(node);
      }
      if (quietRound) {
        return;
      }
    }
    throw new IllegalStateException("the nodes do not come to rest");
  }

  private boolean work(ScriptNode node) {
    boolean worked = false;
    if (network.stream().anyMatch(message -> message.getTo() == node.id)) {
      deliver(node, 0);
      worked = true;
    }
    while (node.raft.hasReady() || !node.writing.isEmpty() || !node.toApply.isEmpty()) {
      if (node.raft.hasReady()) {
        takeReady(node);
      }
      while (!node.writing.isEmpty()) {
        send(node.persistOldest());
      }
      trace.addAll(node.applyAll().stream().map(line -> node.id + " " + line).toList());
      worked = true;
    }
    return worked;
  }

  private void showLog(ScriptNode node) {
    trace.add(
        "disk first=%d last=%d %s"
            .formatted(
                node.storage.firstIndex(),
                node.storage.lastIndex(),
                Trace.describe(node.storage.hardState())));
    trace.add("entries " + Trace.describe(node.storage.allEntries()));
  }
}
