package io.rutile.pd.schedule.operator;

import io.rutile.proto.metapb.Peer;
import java.util.List;

/** Text of peers for people. */
final class JointText {
  private JointText() {}

  static List<Long> stores(List<Peer> peers) {
    return peers.stream().map(Peer::getStoreId).toList();
  }
}
