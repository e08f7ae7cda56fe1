package io.rutile.store;

import com.google.protobuf.InvalidProtocolBufferException;
import io.rutile.base.error.CorruptionException;
import io.rutile.engine.api.Cf;
import io.rutile.engine.api.KvEngine;
import io.rutile.engine.api.WriteBatch;
import io.rutile.proto.metapb.Region;
import io.rutile.proto.metapb.StoreState;
import io.rutile.proto.raftserverpb.StoreIdent;
import io.rutile.store.heartbeat.PdGateway;
import io.rutile.store.meta.InitialStates;
import io.rutile.store.meta.LocalKeys;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * Who this store is: takes an id from the placement driver on its first start and founds the
 * cluster when nobody has. Used once, by the thread that opens the store, which may block.
 *
 * <p>Every step can be repeated: the identity is stored before it is used, and the first region is
 * stored before it is offered, under a mark that says whether it was taken.
 */
final class StoreIdentity {
  private final StoreOptions options;
  private final KvEngine engine;
  private final PdGateway pd;

  StoreIdentity(StoreOptions options) {
    this.options = options;
    this.engine = options.engine();
    this.pd = options.pd();
  }

  /** Returns this store's id, after the cluster knows it. */
  long establish() {
    StoreIdent ident = stored();
    if (ident == null) {
      ident =
          StoreIdent.newBuilder()
              .setClusterId(pd.clusterId())
              .setStoreId(await(pd.allocId()))
              .setApiVersion(options.apiVersion())
              .build();
      put(LocalKeys.storeIdent(), ident.toByteArray());
    } else if (ident.getClusterId() != pd.clusterId()) {
      throw new StoreRefusedException(
          "the data belongs to cluster "
              + ident.getClusterId()
              + ", but the placement driver is of cluster "
              + pd.clusterId());
    } else if (ident.getApiVersion() != options.apiVersion()) {
      throw new StoreRefusedException(
          "the data was written with API version "
              + ident.getApiVersion()
              + ", but the configuration says "
              + options.apiVersion());
    }
    bootstrap(ident.getStoreId());
    return ident.getStoreId();
  }

  private void bootstrap(long storeId) {
    Region prepared = prepared();
    if (prepared == null && await(pd.isBootstrapped())) {
      refuseTombstone(storeId);
      return;
    }
    if (prepared == null) {
      prepared = InitialStates.firstRegion(await(pd.allocId()), await(pd.allocId()), storeId);
      prepare(prepared);
    }
    boolean mine =
        await(pd.bootstrap(options.meta().toBuilder().setId(storeId).build(), prepared))
            || await(pd.regionById(prepared.getId())).isPresent();
    settle(prepared, mine);
  }

  private void refuseTombstone(long storeId) {
    for (io.rutile.proto.metapb.Store known : await(pd.allStores())) {
      if (known.getId() == storeId && known.getState() == StoreState.Tombstone) {
        throw new StoreRefusedException(
            "store " + storeId + " was removed from the cluster; start it with an empty directory");
      }
    }
  }

  private void prepare(Region region) {
    try (WriteBatch batch = engine.newWriteBatch()) {
      batch.put(Cf.RAFT, LocalKeys.prepareBootstrap(), region.toByteArray());
      batch.put(
          Cf.RAFT,
          LocalKeys.regionState(region.getId()),
          InitialStates.regionState(region).toByteArray());
      batch.put(
          Cf.RAFT, LocalKeys.applyState(region.getId()), InitialStates.applyState().toByteArray());
      engine.write(batch, true);
    }
  }

  private void settle(Region region, boolean mine) {
    try (WriteBatch batch = engine.newWriteBatch()) {
      batch.delete(Cf.RAFT, LocalKeys.prepareBootstrap());
      if (!mine) {
        batch.delete(Cf.RAFT, LocalKeys.regionState(region.getId()));
        batch.delete(Cf.RAFT, LocalKeys.applyState(region.getId()));
      }
      engine.write(batch, true);
    }
  }

  private @Nullable StoreIdent stored() {
    byte[] bytes = engine.get(Cf.RAFT, LocalKeys.storeIdent());
    try {
      return bytes == null ? null : StoreIdent.parseFrom(bytes);
    } catch (InvalidProtocolBufferException e) {
      throw new CorruptionException("KV:Raftstore:Corruption", "store identity is damaged", e);
    }
  }

  private @Nullable Region prepared() {
    byte[] bytes = engine.get(Cf.RAFT, LocalKeys.prepareBootstrap());
    try {
      return bytes == null ? null : Region.parseFrom(bytes);
    } catch (InvalidProtocolBufferException e) {
      throw new CorruptionException("KV:Raftstore:Corruption", "first region is damaged", e);
    }
  }

  private void put(byte[] key, byte[] value) {
    try (WriteBatch batch = engine.newWriteBatch()) {
      batch.put(Cf.RAFT, key, value);
      engine.write(batch, true);
    }
  }

  static <T> T await(CompletionStage<T> stage) {
    try {
      return stage.toCompletableFuture().join();
    } catch (CompletionException e) {
      if (e.getCause() instanceof RuntimeException cause) {
        throw cause;
      }
      throw e;
    }
  }
}
