package io.rutile.pd.schedule.placement;

import io.rutile.base.codec.MemComparable;
import io.rutile.base.error.CorruptionException;
import io.rutile.base.error.RutileException;
import io.rutile.pd.config.ConfigException;
import io.rutile.pd.config.PdConfig;
import io.rutile.pd.config.ReplicationConfig;
import io.rutile.pd.core.ClusterImage;
import io.rutile.pd.core.StoreInfo;
import io.rutile.pd.meta.MetaKv;
import io.rutile.pd.meta.MetaPaths;
import io.rutile.proto.etcdserverpb.TxnRequest;
import io.rutile.proto.mvccpb.KeyValue;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Predicate;
import java.util.function.Supplier;
import tools.jackson.core.JacksonException;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.json.JsonMapper;

/**
 * The placement rules of the cluster. A change is tried on a copy, checked as a whole, made durable
 * in one transaction and then published; when any of that fails nothing has changed. Changes come
 * one at a time under a lock, from virtual threads; {@link #current()} is for any thread.
 *
 * <p>A cluster begins with the rule {@code pd/default}, which says what the section {@code
 * replication} says. As long as it is the only rule it follows that section; with others present,
 * changing the section is refused, since nobody could tell which rules it means.
 */
public final class PlacementRules {
  private static final JsonMapper JSON = JsonMapper.shared();
  private static final TypeReference<Map<String, Object>> OBJECT = new TypeReference<>() {};

  private final MetaKv meta;
  private final MetaPaths paths;
  private final Supplier<ClusterImage> image;
  private final ReentrantLock lock = new ReentrantLock();
  private volatile RuleSet current;

  /**
   * Loads what is stored; the first time, stores the default rule.
   *
   * @param image the cluster, for checks against its stores
   */
  public PlacementRules(
      MetaKv meta, MetaPaths paths, ReplicationConfig config, Supplier<ClusterImage> image) {
    this.meta = meta;
    this.paths = paths;
    this.image = image;
    this.current = load();
    if (current.rules().isEmpty()) {
      Draft draft = new Draft();
      draft.put(PlacementRule.ofConfig(config));
      draft.commit();
    }
  }

  private RuleSet load() {
    List<PlacementRule> rules = new ArrayList<>();
    Map<String, RuleGroup> groups = new TreeMap<>();
    for (KeyValue pair : meta.prefix(paths.rulePrefix())) {
      rules.add(RuleJson.rule(parse(pair)));
    }
    for (KeyValue pair : meta.prefix(paths.ruleGroupPrefix())) {
      RuleGroup group = RuleJson.group(parse(pair));
      groups.put(group.id(), group);
    }
    return rules.isEmpty() ? RuleSet.EMPTY : RuleSet.of(rules, groups);
  }

  static Map<String, Object> parse(KeyValue pair) {
    try {
      return JSON.readValue(pair.getValue().toByteArray(), OBJECT);
    } catch (JacksonException e) {
      throw new CorruptionException(
          "PD:json:ErrJSONUnmarshal", "value of " + pair.getKey().toStringUtf8(), e);
    }
  }

  /** The rules in force. Any thread. */
  public RuleSet current() {
    return current;
  }

  /**
   * What a change is made with. Nothing of it is visible or durable before the change succeeds.
   *
   * <p>Owned by: the changing thread, under the lock.
   */
  public final class Draft {
    private final Map<PlacementRule.Key, PlacementRule> rules = new LinkedHashMap<>();
    private final Map<String, RuleGroup> groups;
    private final TxnRequest.Builder writes = TxnRequest.newBuilder();

    private Draft() {
      current.rules().forEach(rule -> rules.put(rule.key(), rule));
      groups = new TreeMap<>(current.configuredGroups());
    }

    public void put(PlacementRule rule) {
      checkKeys(rule);
      checkStores(rule);
      rules.put(rule.key(), rule);
      writes.addSuccess(
          MetaKv.putOp(pathOf(rule.key()), JSON.writeValueAsBytes(RuleJson.rule(rule))));
    }

    public void delete(String groupId, String id) {
      PlacementRule.Key key = new PlacementRule.Key(groupId, id);
      if (rules.remove(key) != null) {
        writes.addSuccess(MetaKv.deleteOp(pathOf(key)));
      }
    }

    /** Removes the rules of a group whose id fits. */
    public void deleteFrom(String groupId, Predicate<String> ids) {
      for (PlacementRule.Key key : List.copyOf(rules.keySet())) {
        if (key.groupId().equals(groupId) && ids.test(key.id())) {
          delete(groupId, key.id());
        }
      }
    }

    public void put(RuleGroup group) {
      if (group.isPlain()) {
        deleteGroup(group.id());
        return;
      }
      groups.put(group.id(), group);
      writes.addSuccess(
          MetaKv.putOp(
              paths.ruleGroupPrefix() + hex(group.id()),
              JSON.writeValueAsBytes(RuleJson.group(group))));
    }

    /** Takes a group's index and override back; its rules stay. */
    public void deleteGroup(String groupId) {
      if (groups.remove(groupId) != null) {
        writes.addSuccess(MetaKv.deleteOp(paths.ruleGroupPrefix() + hex(groupId)));
      }
    }

    /** Ids of all groups that are configured or have rules. */
    public List<String> groupIds() {
      List<String> ids = new ArrayList<>(groups.keySet());
      rules
          .keySet()
          .forEach(key -> {
            if (!ids.contains(key.groupId())) {
              ids.add(key.groupId());
            }
          });
      return ids;
    }

    private void commit() {
      RuleSet changed = RuleSet.of(rules.values(), groups);
      if (writes.getSuccessCount() > 0) {
        meta.commit(writes.build());
      }
      current = changed;
    }
  }

  private String pathOf(PlacementRule.Key key) {
    return paths.rulePrefix() + hex(key.groupId()) + "-" + hex(key.id());
  }

  private static String hex(String text) {
    return HexFormat.of().formatHex(text.getBytes(StandardCharsets.UTF_8));
  }

  /** In clusters of TiDB, boundaries must be keys as regions have them. */
  private void checkKeys(PlacementRule rule) {
    String type = image.get().config().pdServer().keyType();
    if (type.equals("raw")) {
      return;
    }
    checkKey("start key", rule.startKey(), type);
    checkKey("end key", rule.endKey(), type);
  }

  private static void checkKey(String name, byte[] key, String type) {
    if (key.length == 0) {
      return;
    }
    try {
      MemComparable.decode(key);
    } catch (RutileException | IllegalArgumentException e) {
      throw PlacementException.content(name + " should be encoded in " + type + " mode");
    }
  }

  private void checkStores(PlacementRule rule) {
    List<StoreInfo> stores = image.get().liveStores();
    if (!stores.isEmpty() && stores.stream().noneMatch(rule::admits)) {
      throw PlacementException.content(
          "rule '%s' from rule group '%s' can not match any store"
              .formatted(rule.id(), rule.groupId()));
    }
  }

  /** Makes one change, all of it or nothing. */
  @FunctionalInterface
  public interface Change {
    void apply(Draft draft);
  }

  /**
   * @throws PlacementException when a rule, or all of them together, make no sense
   */
  public void change(Change change) {
    lock.lock();
    try {
      Draft draft = new Draft();
      change.apply(draft);
      draft.commit();
    } finally {
      lock.unlock();
    }
  }

  /**
   * Lets the default rule follow the section {@code replication}, before that change is made
   * durable.
   *
   * @throws ConfigException when other rules exist, so that the section does not decide
   */
  public void follow(PdConfig before, PdConfig after) {
    ReplicationConfig old = before.replication();
    ReplicationConfig now = after.replication();
    boolean same =
        old.maxReplicas() == now.maxReplicas()
            && old.locationLabels().equals(now.locationLabels())
            && old.isolationLevel().equals(now.isolationLevel());
    if (same || !now.enablePlacementRules()) {
      return;
    }
    if (!isOnlyDefault()) {
      throw new ConfigException(
          "cannot update MaxReplicas, LocationLabels or IsolationLevel when placement rules feature"
              + " is enabled and not only default rule exists, please update rule instead");
    }
    change(draft -> draft.put(PlacementRule.ofConfig(now)));
  }

  private boolean isOnlyDefault() {
    List<PlacementRule> rules = current.rules();
    PlacementRule first = rules.getFirst();
    return rules.size() == 1
        && first.groupId().equals(PlacementRule.DEFAULT_GROUP)
        && first.id().equals(PlacementRule.DEFAULT_ID)
        && first.isEverywhere();
  }
}
