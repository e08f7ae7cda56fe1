package io.rutile.pd;

import com.google.protobuf.ByteString;
import io.grpc.stub.StreamObserver;
import io.rutile.proto.metapb.Peer;
import io.rutile.proto.metapb.Region;
import io.rutile.proto.metapb.RegionEpoch;
import io.rutile.proto.metapb.Store;
import io.rutile.proto.pdpb.BootstrapRequest;
import io.rutile.proto.pdpb.PDGrpc;
import io.rutile.proto.pdpb.PutStoreRequest;
import io.rutile.proto.pdpb.RegionHeartbeatRequest;
import io.rutile.proto.pdpb.RegionHeartbeatResponse;
import io.rutile.proto.pdpb.RequestHeader;
import io.rutile.proto.pdpb.StoreHeartbeatRequest;
import io.rutile.proto.pdpb.StoreStats;
import io.rutile.rpc.channel.ChannelOptions;
import io.rutile.rpc.channel.ChannelPool;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.concurrent.LinkedBlockingQueue;
import org.awaitility.Awaitility;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** A lone PD member over real sockets, with stores and regions that exist only by their reports. */
public final class PdHarness implements AutoCloseable {
  private static final long GIB = 1L << 30;

  private final Path directory;
  private final HttpClient http =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  private PdServer pd;
  private ChannelPool channels;

  /** Orders that PD sent to the regions' leaders. */
  public final LinkedBlockingQueue<RegionHeartbeatResponse> orders = new LinkedBlockingQueue<>();

  public PdHarness(Path directory) {
    this.directory = directory;
    this.pd = PdServer.start(PdServerConfig.single("pd", directory, "127.0.0.1", 0));
    this.channels = new ChannelPool(ChannelOptions.DEFAULT);
  }

  /** Stops the member and starts it again on the same data. */
  public void restart() {
    channels.close();
    pd.close();
    pd = PdServer.start(PdServerConfig.single("pd", directory, "127.0.0.1", 0));
    channels = new ChannelPool(ChannelOptions.DEFAULT);
  }

  public PdServer pd() {
    return pd;
  }

  private PDGrpc.PDBlockingStub stub() {
    return PDGrpc.newBlockingStub(channels.channel(pd.clientUrl()));
  }

  private RequestHeader header() {
    return RequestHeader.newBuilder().setClusterId(pd.clusterId()).build();
  }

  private static Store store(long id) {
    return Store.newBuilder()
        .setId(id)
        .setAddress("127.0.0.1:" + (20160 + id))
        .setVersion("8.5.0")
        .build();
  }

  /** Founds the cluster with so many stores; store 1 holds the first region, which has id 2. */
  public void bootstrap(int stores) {
    stub()
        .bootstrap(
            BootstrapRequest.newBuilder()
                .setHeader(header())
                .setStore(store(1))
                .setRegion(region(2, "", "", 1, 1))
                .build());
    for (long id = 2; id <= stores; id++) {
      stub().putStore(PutStoreRequest.newBuilder().setHeader(header()).setStore(store(id)).build());
    }
    for (long id = 1; id <= stores; id++) {
      stub()
          .storeHeartbeat(
              StoreHeartbeatRequest.newBuilder()
                  .setHeader(header())
                  .setStats(
                      StoreStats.newBuilder()
                          .setStoreId(id)
                          .setCapacity(100 * GIB)
                          .setAvailable(90 * GIB))
                  .build());
    }
  }

  public static Region region(long id, String start, String end, long version, long... stores) {
    Region.Builder region =
        Region.newBuilder()
            .setId(id)
            .setStartKey(ByteString.copyFromUtf8(start))
            .setEndKey(ByteString.copyFromUtf8(end))
            .setRegionEpoch(RegionEpoch.newBuilder().setConfVer(1).setVersion(version));
    for (long store : stores) {
      region.addPeers(Peer.newBuilder().setId(id * 10 + store).setStoreId(store));
    }
    return region.build();
  }

  /** The regions' leaders report them, on one stream; returns when all are known. */
  public void report(RegionHeartbeatRequest... reports) {
    StreamObserver<RegionHeartbeatRequest> stream =
        PDGrpc.newStub(channels.channel(pd.clientUrl()))
            .regionHeartbeat(
                new StreamObserver<>() {
                  @Override
                  public void onNext(RegionHeartbeatResponse order) {
                    orders.add(order);
                  }

                  @Override
                  public void onError(Throwable cause) {}

                  @Override
                  public void onCompleted() {}
                });
    for (RegionHeartbeatRequest report : reports) {
      stream.onNext(report.toBuilder().setHeader(header()).build());
    }
    for (RegionHeartbeatRequest report : reports) {
      Awaitility.await()
          .until(() -> {
            JsonNode known = get("/pd/api/v1/region/id/" + report.getRegion().getId());
            return !known.isNull()
                && known.get("leader").get("store_id").asLong() == report.getLeader().getStoreId();
          });
    }
  }

  /** A report of a healthy region led by its first peer. */
  public static RegionHeartbeatRequest.Builder healthy(Region region) {
    return RegionHeartbeatRequest.newBuilder()
        .setRegion(region)
        .setLeader(region.getPeers(0))
        .setApproximateSize(10 << 20)
        .setApproximateKeys(1000)
        .setTerm(6);
  }

  /** The JSON of a page that answers with status 200. */
  public JsonNode get(String path) {
    HttpResponse<String> response = send("GET", path, "");
    if (response.statusCode() != 200) {
      throw new AssertionError(path + ": " + response.statusCode() + " " + response.body());
    }
    return JsonMapper.shared().readTree(response.body());
  }

  public HttpResponse<String> send(String method, String path, String body) {
    HttpRequest request =
        HttpRequest.newBuilder(URI.create(pd.clientUrl() + path))
            .method(
                method,
                body.isEmpty()
                    ? HttpRequest.BodyPublishers.noBody()
                    : HttpRequest.BodyPublishers.ofString(body))
            .build();
    try {
      return http.send(request, HttpResponse.BodyHandlers.ofString());
    } catch (java.io.IOException e) {
      throw new java.io.UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  /** Posts a body, which must be accepted. */
  public void post(String path, String body) {
    HttpResponse<String> response = send("POST", path, body);
    if (response.statusCode() != 200) {
      throw new AssertionError(path + ": " + response.statusCode() + " " + response.body());
    }
  }

  @Override
  public void close() {
    http.close();
    channels.close();
    pd.close();
  }
}
