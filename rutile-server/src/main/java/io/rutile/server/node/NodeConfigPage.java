package io.rutile.server.node;

import io.rutile.base.error.ErrorCategory;
import io.rutile.base.error.RutileException;
import io.rutile.proto.kvrpcpb.APIVersion;
import io.rutile.server.status.OnlineConfig;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The node's configuration as {@code /config} shows it, by TiKV's keys. No item of it can be
 * changed while the store runs, so every change is refused, naming the item. Immutable.
 */
record NodeConfigPage(NodeConfig config) implements OnlineConfig {
  @Override
  public Object tree() {
    APIVersion version = config.storage().apiVersion();
    Map<String, Object> server = new LinkedHashMap<>();
    server.put("addr", config.listen().host() + ":" + config.listen().port());
    server.put("advertise-addr", config.listen().advertised());
    server.put("status-addr", config.status().host() + ":" + config.status().port());
    server.put("labels", config.labels());
    server.put("grpc-concurrency", config.transportThreads());
    Map<String, Object> storage = new LinkedHashMap<>();
    storage.put("data-dir", config.dataDir().toString());
    storage.put("engine", "raft-kv");
    storage.put("api-version", version == APIVersion.V2 ? 2 : 1);
    storage.put("enable-ttl", version != APIVersion.V1);
    storage.put("max-key-size", config.storage().maxKeySize());
    Map<String, Object> tree = new LinkedHashMap<>();
    tree.put("server", server);
    tree.put("storage", storage);
    tree.put("pd", Map.of("endpoints", config.pdEndpoints()));
    return tree;
  }

  @Override
  public void change(Map<String, String> items, boolean persist) {
    throw new NotOnlineException(String.join(", ", items.keySet()));
  }

  @Override
  public void reload() {
    throw new NotOnlineException("every item");
  }

  /** An item that takes effect at the next start only. */
  static final class NotOnlineException extends RutileException {
    NotOnlineException(String item) {
      super("KV:Config:NotOnline", ErrorCategory.CALLER, item + " cannot be changed online");
    }
  }
}
