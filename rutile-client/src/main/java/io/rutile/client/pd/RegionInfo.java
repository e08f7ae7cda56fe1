package io.rutile.client.pd;

import io.rutile.proto.metapb.Buckets;
import io.rutile.proto.metapb.Peer;
import io.rutile.proto.metapb.Region;
import io.rutile.proto.pdpb.PeerStats;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A region as PD knows it. Keys are the encoded ones that stores use.
 *
 * @param leader null when PD knows of none
 * @param buckets null when not asked for or not reported
 */
public record RegionInfo(
    Region region,
    @Nullable Peer leader,
    List<PeerStats> downPeers,
    List<Peer> pendingPeers,
    @Nullable Buckets buckets) {}
