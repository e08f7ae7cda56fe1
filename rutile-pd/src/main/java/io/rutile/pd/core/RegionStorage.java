package io.rutile.pd.core;

import io.rutile.proto.metapb.Region;
import java.util.function.Consumer;

/**
 * Region metadata of one member, kept so that a restart knows the map before the stores report
 * again. Best effort: what is lost comes back with the heartbeats. Owned by the cluster loop.
 */
public interface RegionStorage extends AutoCloseable {
  /** Calls back every region kept. */
  void load(Consumer<Region> consumer);

  void save(Region region);

  void delete(long regionId);

  /** Hands what was saved to the operating system. */
  void flush();

  @Override
  void close();
}
