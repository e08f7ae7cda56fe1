package io.rutile.server.node;

import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientResponseObserver;
import io.rutile.client.pd.PdClient;
import io.rutile.client.pd.RegionInfo;
import io.rutile.proto.deadlock.DeadlockGrpc;
import io.rutile.proto.deadlock.DeadlockRequest;
import io.rutile.proto.deadlock.DeadlockResponse;
import io.rutile.proto.metapb.Peer;
import io.rutile.rpc.channel.ChannelPool;
import io.rutile.txn.deadlock.DeadlockTransport;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.NoSuchElementException;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The way to the store that leads the region of the smallest key, which PD knows.
 *
 * <p>A stream is opened for the first report; reports made meanwhile wait, up to a limit, and go
 * out in order. When the stream ends, because the other store leads no more or is gone, what was on
 * its way is lost and the next report looks the leader up anew.
 */
final class GrpcDeadlockTransport implements DeadlockTransport {
  private static final Logger LOG = LoggerFactory.getLogger(GrpcDeadlockTransport.class);
  private static final int MAX_WAITING = 4096;
  private static final byte[] SMALLEST_KEY = {};

  private final PdClient pd;
  private final StoreAddresses addresses;
  private final ChannelPool channels;

  GrpcDeadlockTransport(PdClient pd, StoreAddresses addresses, ChannelPool channels) {
    this.pd = pd;
    this.addresses = addresses;
    this.channels = channels;
  }

  @Override
  public Session open(Listener listener) {
    Stream stream = new Stream(listener);
    pd.getRegion(SMALLEST_KEY)
        .thenApply(GrpcDeadlockTransport::leaderStore)
        .thenCompose(
            storeId -> addresses.of(storeId).thenApply(address -> stream.connect(storeId, address)))
        .whenComplete((connected, failure) -> {
          if (failure != null) {
            LOG.debug("the store that finds deadlocks is not known", failure);
            stream.end();
          }
        });
    return stream;
  }

  private static long leaderStore(Optional<RegionInfo> first) {
    Peer leader = first.map(RegionInfo::leader).orElse(null);
    if (leader == null) {
      throw new NoSuchElementException("the first region has no leader");
    }
    return leader.getStoreId();
  }

  /** One stream. State is guarded by its monitor; the listener is called outside of it. */
  private final class Stream
      implements Session, ClientResponseObserver<DeadlockRequest, DeadlockResponse> {
    private final Listener listener;
    private final Deque<DeadlockRequest> waiting = new ArrayDeque<>();
    private @Nullable ClientCallStreamObserver<DeadlockRequest> requests;
    private long storeId;
    private boolean ended;

    Stream(Listener listener) {
      this.listener = listener;
    }

    synchronized CompletableFuture<Void> connect(long store, String address) {
      storeId = store;
      if (!ended) {
        DeadlockGrpc.newStub(channels.channel(address)).detect(this);
        for (DeadlockRequest request = waiting.poll(); request != null; request = waiting.poll()) {
          send(request);
        }
      }
      return CompletableFuture.completedFuture(null);
    }

    @Override
    public synchronized void send(DeadlockRequest request) {
      if (ended) {
        return;
      }
      if (requests != null) {
        requests.onNext(request);
      } else if (waiting.size() < MAX_WAITING) {
        waiting.add(request);
      }
    }

    @Override
    public synchronized void beforeStart(ClientCallStreamObserver<DeadlockRequest> call) {
      requests = call;
    }

    @Override
    public void onNext(DeadlockResponse response) {
      listener.onDeadlock(response);
    }

    @Override
    public void onError(Throwable failure) {
      LOG.debug("the stream to store {} for deadlocks ended", storeId, failure);
      addresses.suspect(storeId);
      end();
    }

    @Override
    public void onCompleted() {
      end();
    }

    private void end() {
      synchronized (this) {
        if (ended) {
          return;
        }
        ended = true;
        waiting.clear();
      }
      listener.onClosed();
    }

    @Override
    public void close() {
      ClientCallStreamObserver<DeadlockRequest> open;
      synchronized (this) {
        ended = true;
        waiting.clear();
        open = requests;
      }
      if (open != null) {
        open.onCompleted();
      }
    }
  }
}
