package io.rutile.pd.keyspace;

import io.rutile.base.clock.Clock;
import io.rutile.pd.cluster.ClusterException;
import io.rutile.pd.cluster.Stored;
import io.rutile.pd.meta.MetaKv;
import io.rutile.pd.meta.MetaPaths;
import io.rutile.proto.etcdserverpb.TxnRequest;
import io.rutile.proto.keyspacepb.KeyspaceMeta;
import io.rutile.proto.keyspacepb.KeyspaceState;
import io.rutile.proto.mvccpb.KeyValue;
import io.rutile.proto.pdpb.ErrorType;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.ReentrantLock;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** The table of keyspaces. */
public final class Keyspaces {
  /** Name of the keyspace that every cluster has, with id 0. */
  public static final String DEFAULT_NAME = "DEFAULT";

  /** Ids have 24 bits; the highest one is reserved. */
  public static final int MAX_ID = (1 << 24) - 2;

  private static final Pattern NAME = Pattern.compile("[-A-Za-z0-9_]{1,20}");

  private final Clock clock;
  private final MetaKv meta;
  private final MetaPaths paths;
  private final ReentrantLock lock = new ReentrantLock();

  public Keyspaces(Clock clock, MetaKv meta, MetaPaths paths) {
    this.clock = clock;
    this.meta = meta;
    this.paths = paths;
  }

  /** Makes sure that the default keyspace exists. */
  public void bootstrap() {
    if (byId(0) == null) {
      save(newMeta(0, DEFAULT_NAME, Map.of()), true);
    }
  }

  private KeyspaceMeta newMeta(int id, String name, Map<String, String> config) {
    long now = clock.wallMillis() / 1000;
    return KeyspaceMeta.newBuilder()
        .setId(id)
        .setName(name)
        .setState(KeyspaceState.ENABLED)
        .setCreatedAt(now)
        .setStateChangedAt(now)
        .putAllConfig(config)
        .build();
  }

  private void save(KeyspaceMeta keyspace, boolean fresh) {
    String metaPath = metaPath(keyspace.getId());
    TxnRequest.Builder txn = TxnRequest.newBuilder();
    if (fresh) {
      String idPath = paths.keyspaceIdPrefix() + keyspace.getName();
      txn.addCompare(MetaKv.absent(idPath))
          .addCompare(MetaKv.absent(metaPath))
          .addSuccess(MetaKv.putOp(idPath, MetaKv.number(keyspace.getId())));
    }
    txn.addSuccess(MetaKv.putOp(metaPath, keyspace.toByteArray()));
    if (!meta.commit(txn.build())) {
      throw new ClusterException(
          ErrorType.DUPLICATED_ENTRY, "keyspace already exists: " + keyspace.getName());
    }
  }

  private String metaPath(int id) {
    return paths.keyspaceMetaPrefix() + "%08d".formatted(id);
  }

  /**
   * @throws ClusterException when the name is taken or not allowed
   */
  public KeyspaceMeta create(String name, Map<String, String> config) {
    if (!NAME.matcher(name).matches() || name.equals(DEFAULT_NAME)) {
      throw new ClusterException(
          ErrorType.INVALID_VALUE,
          "illegal keyspace name " + name + ": 1 to 20 letters, digits, - and _ are allowed");
    }
    lock.lock();
    try {
      if (byName(name) != null) {
        throw new ClusterException(ErrorType.DUPLICATED_ENTRY, "keyspace already exists: " + name);
      }
      byte[] last = meta.get(paths.keyspaceAllocId());
      long id = (last == null ? 0 : MetaKv.number(last)) + 1;
      if (id > MAX_ID) {
        throw ClusterException.unknown("no keyspace id is left");
      }
      meta.put(paths.keyspaceAllocId(), MetaKv.number(id));
      KeyspaceMeta created = newMeta((int) id, name, config);
      save(created, true);
      return created;
    } finally {
      lock.unlock();
    }
  }

  public @Nullable KeyspaceMeta byName(String name) {
    byte[] id = meta.get(paths.keyspaceIdPrefix() + name);
    return id == null ? null : byId((int) MetaKv.number(id));
  }

  public @Nullable KeyspaceMeta byId(int id) {
    List<KeyValue> pairs = meta.prefix(metaPath(id));
    return pairs.isEmpty() ? null : Stored.parse(KeyspaceMeta.parser(), pairs.getFirst());
  }

  /** Like {@link #byName}, with PD's error when there is none. */
  public KeyspaceMeta load(String name) {
    KeyspaceMeta found = byName(name);
    if (found == null) {
      throw notFound();
    }
    return found;
  }

  public KeyspaceMeta load(int id) {
    KeyspaceMeta found = byId(id);
    if (found == null) {
      throw notFound();
    }
    return found;
  }

  private static ClusterException notFound() {
    return new ClusterException(ErrorType.ENTRY_NOT_FOUND, "keyspace does not exist");
  }

  /** Keyspaces from {@code startId} on, at most {@code limit}; 0 for all. */
  public List<KeyspaceMeta> list(int startId, int limit) {
    List<KeyspaceMeta> found = new ArrayList<>();
    for (KeyValue pair : meta.prefix(paths.keyspaceMetaPrefix())) {
      KeyspaceMeta keyspace = Stored.parse(KeyspaceMeta.parser(), pair);
      if (keyspace.getId() >= startId && (limit <= 0 || found.size() < limit)) {
        found.add(keyspace);
      }
    }
    return found;
  }

  /**
   * @throws ClusterException when the transition is not one that PD allows
   */
  public KeyspaceMeta changeState(int id, KeyspaceState state) {
    lock.lock();
    try {
      KeyspaceMeta now = load(id);
      if (id == 0) {
        throw ClusterException.unknown("cannot modify the default keyspace's state");
      }
      boolean allowed =
          switch (now.getState()) {
            case ENABLED -> state == KeyspaceState.DISABLED;
            case DISABLED -> state == KeyspaceState.ENABLED || state == KeyspaceState.ARCHIVED;
            case ARCHIVED -> state == KeyspaceState.TOMBSTONE;
            case TOMBSTONE, UNRECOGNIZED -> false;
          };
      if (now.getState() != state && !allowed) {
        throw ClusterException.unknown(
            "cannot change keyspace state from " + now.getState() + " to " + state);
      }
      KeyspaceMeta changed =
          now.toBuilder().setState(state).setStateChangedAt(clock.wallMillis() / 1000).build();
      save(changed, false);
      return changed;
    } finally {
      lock.unlock();
    }
  }

  /** Changes config items; a null value removes one. */
  public KeyspaceMeta changeConfig(String name, Map<String, @Nullable String> changes) {
    lock.lock();
    try {
      KeyspaceMeta.Builder changed = load(name).toBuilder();
      changes.forEach((key, value) -> {
        if (value == null) {
          changed.removeConfig(key);
        } else {
          changed.putConfig(key, value);
        }
      });
      save(changed.build(), false);
      return changed.build();
    } finally {
      lock.unlock();
    }
  }
}
