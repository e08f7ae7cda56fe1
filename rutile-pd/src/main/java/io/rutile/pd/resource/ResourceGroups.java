package io.rutile.pd.resource;

import com.google.protobuf.InvalidProtocolBufferException;
import io.rutile.base.clock.Clock;
import io.rutile.base.error.CorruptionException;
import io.rutile.pd.meta.MetaKv;
import io.rutile.proto.mvccpb.KeyValue;
import io.rutile.proto.resourcemanager.Consumption;
import io.rutile.proto.resourcemanager.GrantedRUTokenBucket;
import io.rutile.proto.resourcemanager.GroupMode;
import io.rutile.proto.resourcemanager.RequestUnitItem;
import io.rutile.proto.resourcemanager.RequestUnitType;
import io.rutile.proto.resourcemanager.ResourceGroup;
import io.rutile.proto.resourcemanager.TokenBucketRequest;
import io.rutile.proto.resourcemanager.TokenLimitSettings;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * The groups of one leadership. Settings lie in the replicated store, one key each, where clients
 * and stores watch them. The group {@code default} of no keyspace is always there, without limit.
 *
 * <p>Safe for use by any thread; writes block on the commit.
 */
public final class ResourceGroups {
  /** The group of requests that name none. */
  public static final String DEFAULT = "default";

  /** The id of no keyspace. */
  public static final long NO_KEYSPACE = 0xFFFFFFFFL;

  private static final String ROOT = "resource_group/settings/";
  private static final String KEYSPACE_ROOT = "resource_group/keyspace/settings/";
  private static final int NAME_MAX = 32;
  private static final int PRIORITY_MAX = 16;
  private static final int DEFAULT_PRIORITY = 8;
  private static final double INITIAL_TOKENS = 500_000;

  /** What a group has consumed and may consume now. Guarded by itself. */
  private static final class Account {
    private final TokenBucket bucket;
    private Consumption consumed = Consumption.getDefaultInstance();

    Account(TokenBucket bucket) {
      this.bucket = bucket;
    }
  }

  private final Clock clock;
  private final MetaKv meta;
  private final Map<String, Account> accounts = new ConcurrentHashMap<>();

  public ResourceGroups(Clock clock, MetaKv meta) {
    this.clock = clock;
    this.meta = meta;
  }

  private static String root(long keyspaceId) {
    return keyspaceId == NO_KEYSPACE ? ROOT : KEYSPACE_ROOT + keyspaceId + "/";
  }

  private static ResourceGroup defaultGroup() {
    ResourceGroup.Builder group =
        ResourceGroup.newBuilder()
            .setName(DEFAULT)
            .setMode(GroupMode.RUMode)
            .setPriority(DEFAULT_PRIORITY);
    group
        .getRUSettingsBuilder()
        .getRUBuilder()
        .setSettings(
            TokenLimitSettings.newBuilder().setFillRate(Integer.MAX_VALUE).setBurstLimit(-1));
    return group.build();
  }

  /** All groups, by name. */
  public List<ResourceGroup> list(long keyspaceId, boolean withStatistics) {
    List<ResourceGroup> groups = new ArrayList<>();
    boolean hasDefault = false;
    for (KeyValue pair : meta.prefix(root(keyspaceId))) {
      ResourceGroup group = parse(pair.getValue().toByteArray());
      hasDefault |= group.getName().equals(DEFAULT);
      groups.add(described(keyspaceId, group, withStatistics));
    }
    if (!hasDefault) {
      groups.add(described(keyspaceId, defaultGroup(), withStatistics));
    }
    return groups;
  }

  /** The group, null when there is none of that name. */
  public @Nullable ResourceGroup get(long keyspaceId, String name, boolean withStatistics) {
    ResourceGroup group = stored(keyspaceId, name);
    return group == null ? null : described(keyspaceId, group, withStatistics);
  }

  private @Nullable ResourceGroup stored(long keyspaceId, String name) {
    byte[] bytes = meta.get(root(keyspaceId) + name);
    if (bytes != null) {
      return parse(bytes);
    }
    return name.equals(DEFAULT) ? defaultGroup() : null;
  }

  private static ResourceGroup parse(byte[] bytes) {
    try {
      return ResourceGroup.parseFrom(bytes);
    } catch (InvalidProtocolBufferException e) {
      throw new CorruptionException("PD:proto:ErrProtoUnmarshal", "a stored resource group", e);
    }
  }

  private ResourceGroup described(long keyspaceId, ResourceGroup group, boolean withStatistics) {
    Account account = accounts.get(root(keyspaceId) + group.getName());
    if (!withStatistics || account == null) {
      return group;
    }
    synchronized (account) {
      return group.toBuilder().setRUStats(account.consumed).build();
    }
  }

  /**
   * Adds a group, or replaces one of the same name.
   *
   * @throws ResourceGroupException when name or priority are out of bounds
   */
  public void add(long keyspaceId, ResourceGroup group) {
    boolean invalid =
        group.getName().isEmpty()
            || group.getName().length() > NAME_MAX
            || Integer.compareUnsigned(group.getPriority(), PRIORITY_MAX) > 0
            || group.getMode() == GroupMode.UNRECOGNIZED;
    if (invalid) {
      throw ResourceGroupException.invalid();
    }
    store(keyspaceId, group);
  }

  /**
   * Replaces a group.
   *
   * @throws ResourceGroupException when there is none of that name
   */
  public void modify(long keyspaceId, ResourceGroup group) {
    if (stored(keyspaceId, group.getName()) == null) {
      throw ResourceGroupException.missing(group.getName());
    }
    add(keyspaceId, group);
  }

  private void store(long keyspaceId, ResourceGroup group) {
    String path = root(keyspaceId) + group.getName();
    meta.put(path, group.toBuilder().clearRUStats().build().toByteArray());
    Account account = accounts.get(path);
    if (account != null) {
      TokenLimitSettings limits = group.getRUSettings().getRU().getSettings();
      synchronized (account) {
        account.bucket.change(limits.getFillRate(), limits.getBurstLimit());
      }
    }
  }

  /**
   * Removes a group.
   *
   * @throws ResourceGroupException for the default group
   */
  public void delete(long keyspaceId, String name) {
    if (name.equals(DEFAULT)) {
      throw ResourceGroupException.reserved();
    }
    meta.delete(root(keyspaceId) + name);
    accounts.remove(root(keyspaceId) + name);
  }

  /**
   * Accounts for what was consumed and grants what is asked for.
   *
   * @param periodMillis until the caller asks again
   * @return null when there is no such group, or it is not limited by request units
   */
  public @Nullable List<GrantedRUTokenBucket> acquire(
      long keyspaceId, TokenBucketRequest request, long periodMillis) {
    ResourceGroup group = stored(keyspaceId, request.getResourceGroupName());
    if (group == null || group.getMode() != GroupMode.RUMode) {
      return null;
    }
    TokenLimitSettings limits = group.getRUSettings().getRU().getSettings();
    Account account =
        accounts.computeIfAbsent(
            root(keyspaceId) + group.getName(),
            path ->
                new Account(
                    new TokenBucket(
                        limits.getFillRate(),
                        limits.getBurstLimit(),
                        INITIAL_TOKENS,
                        clock.monotonicNanos())));
    List<GrantedRUTokenBucket> granted = new ArrayList<>();
    synchronized (account) {
      account.consumed =
          Consumptions.sum(account.consumed, request.getConsumptionSinceLastRequest());
      for (RequestUnitItem item : request.getRuItems().getRequestRUList()) {
        TokenBucket.Grant grant =
            account.bucket.take(item.getValue(), periodMillis, clock.monotonicNanos());
        granted.add(granted(grant, limits.getBurstLimit()));
      }
    }
    return granted;
  }

  private static GrantedRUTokenBucket granted(TokenBucket.Grant grant, long burstLimit) {
    return GrantedRUTokenBucket.newBuilder()
        .setType(RequestUnitType.RU)
        .setTrickleTimeMs(grant.trickleMillis())
        .setGrantedTokens(
            io.rutile.proto.resourcemanager.TokenBucket.newBuilder()
                .setTokens(grant.tokens())
                .setSettings(TokenLimitSettings.newBuilder().setBurstLimit(burstLimit)))
        .build();
  }
}
