package io.rutile.pd.heartbeat;

import static org.assertj.core.api.Assertions.assertThat;

import io.rutile.proto.pdpb.RegionHeartbeatResponse;
import org.junit.jupiter.api.Test;

class HeartbeatStreamsTest {
  private static final class Sink implements OrderSink {
    private int orders;
    private int ends;

    @Override
    public boolean offer(RegionHeartbeatResponse order) {
      orders++;
      return true;
    }

    @Override
    public void leadershipEnded() {
      ends++;
    }
  }

  @Test
  void endsStreamsWithTheLeadershipAndLaterOnesAtOnce() {
    HeartbeatStreams streams = new HeartbeatStreams(7);
    Sink bound = new Sink();
    Sink gone = new Sink();
    streams.bind(1, bound);
    streams.bind(2, gone);
    streams.unbind(gone);
    streams.keepAlive();
    streams.close();
    assertThat(bound.orders).isEqualTo(1);
    assertThat(bound.ends).isEqualTo(1);
    assertThat(gone.ends).isZero();

    Sink late = new Sink();
    streams.bind(1, late);
    assertThat(late.ends).isEqualTo(1);
    streams.keepAlive();
    assertThat(late.orders).isZero();
  }
}
