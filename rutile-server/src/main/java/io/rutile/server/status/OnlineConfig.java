package io.rutile.server.status;

import java.util.Map;

/** The running configuration as operators see and change it. Safe for use by any thread. */
public interface OnlineConfig {
  /** The configuration as a tree of maps, lists and scalars, by TiKV's keys. */
  Object tree();

  /**
   * Changes items while running: all of them, or none when one is refused.
   *
   * @param items dotted key to new value, for example {@code raftstore.raft-max-inflight-msgs}
   * @param persist whether to write them to the configuration file too
   * @throws io.rutile.base.error.RutileException naming the item that cannot be changed and why
   */
  void change(Map<String, String> items, boolean persist);

  /** Reads the configuration file again and applies what may change while running. */
  void reload();
}
