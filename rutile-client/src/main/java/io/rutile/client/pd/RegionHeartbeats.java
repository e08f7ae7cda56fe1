package io.rutile.client.pd;

import io.rutile.proto.pdpb.RegionHeartbeatRequest;
import io.rutile.proto.pdpb.RegionHeartbeatResponse;

/**
 * The stream of region reports to PD and of PD's orders back. It reconnects by itself, following
 * the leader. Reports that are sent while there is no connection are dropped: PD learns from the
 * next ones, and {@link Listener#onConnected} asks for them. Safe for use by any thread.
 */
public interface RegionHeartbeats extends AutoCloseable {
  /**
   * Sends one report; its header is filled in here.
   *
   * @return false when the report was dropped because there is no connection or PD does not keep up
   */
  boolean send(RegionHeartbeatRequest report);

  @Override
  void close();

  /** Called by an RPC thread, one call at a time; must not block. */
  interface Listener {
    /** An order for one region: {@code region_id}, its epoch and one kind of change. */
    void onOrder(RegionHeartbeatResponse order);

    /** A connection to a leader was made: it knows nothing of what was sent before. */
    void onConnected();
  }
}
