package io.rutile.pd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import io.grpc.stub.StreamObserver;
import io.rutile.proto.metastoragepb.GetRequest;
import io.rutile.proto.metastoragepb.GetResponse;
import io.rutile.proto.metastoragepb.MetaStorageGrpc;
import io.rutile.proto.metastoragepb.PutRequest;
import io.rutile.proto.metastoragepb.RequestHeader;
import io.rutile.proto.metastoragepb.WatchRequest;
import io.rutile.proto.metastoragepb.WatchResponse;
import io.rutile.proto.resourcemanager.DeleteResourceGroupRequest;
import io.rutile.proto.resourcemanager.GetResourceGroupRequest;
import io.rutile.proto.resourcemanager.GroupMode;
import io.rutile.proto.resourcemanager.ListResourceGroupsRequest;
import io.rutile.proto.resourcemanager.PutResourceGroupRequest;
import io.rutile.proto.resourcemanager.ResourceGroup;
import io.rutile.proto.resourcemanager.ResourceManagerGrpc;
import io.rutile.proto.resourcemanager.TokenBucketsRequest;
import io.rutile.proto.resourcemanager.TokenBucketsResponse;
import io.rutile.rpc.channel.ChannelOptions;
import io.rutile.rpc.channel.ChannelPool;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What clients keep in PD by {@code meta_storagepb} and {@code resource_manager}. */
class SettingsServicesTest {
  @TempDir Path directory;
  private PdServer pd;
  private ChannelPool channels;
  private ResourceManagerGrpc.ResourceManagerBlockingStub groups;
  private MetaStorageGrpc.MetaStorageBlockingStub storage;

  @BeforeEach
  void start() {
    pd = PdServer.start(PdServerConfig.single("pd", directory, "127.0.0.1", 0));
    channels = new ChannelPool(ChannelOptions.DEFAULT);
    groups = ResourceManagerGrpc.newBlockingStub(channels.channel(pd.clientUrl()));
    storage = MetaStorageGrpc.newBlockingStub(channels.channel(pd.clientUrl()));
  }

  @AfterEach
  void stop() {
    channels.close();
    pd.close();
  }

  private RequestHeader header() {
    return RequestHeader.newBuilder().setClusterId(pd.clusterId()).build();
  }

  private static ResourceGroup group(String name, long fillRate) {
    ResourceGroup.Builder group =
        ResourceGroup.newBuilder().setName(name).setMode(GroupMode.RUMode).setPriority(8);
    group.getRUSettingsBuilder().getRUBuilder().getSettingsBuilder().setFillRate(fillRate);
    return group.build();
  }

  private List<String> names() {
    return groups
        .listResourceGroups(ListResourceGroupsRequest.getDefaultInstance())
        .getGroupsList()
        .stream()
        .map(ResourceGroup::getName)
        .toList();
  }

  @Test
  void groupsAreKeptAndTheDefaultOneIsAlwaysThere() {
    assertThat(names()).containsExactly("default");
    PutResourceGroupRequest add =
        PutResourceGroupRequest.newBuilder().setGroup(group("batch", 100)).build();
    assertThat(groups.addResourceGroup(add).getBody()).isEqualTo("Success!");
    assertThat(names()).containsExactly("batch", "default");
    GetResponse seen =
        storage.get(
            GetRequest.newBuilder()
                .setHeader(header())
                .setKey(ByteString.copyFromUtf8("resource_group/settings/batch"))
                .build());
    assertThat(seen.getKvs(0).getValue()).isEqualTo(group("batch", 100).toByteString());

    assertThatThrownBy(() ->
            groups.modifyResourceGroup(
                PutResourceGroupRequest.newBuilder().setGroup(group("nobody", 1)).build()))
        .hasMessageContaining("the nobody resource group does not exist");
    assertThatThrownBy(() ->
            groups.addResourceGroup(
                PutResourceGroupRequest.newBuilder().setGroup(group("", 1)).build()))
        .hasMessageContaining("invalid group settings");
    assertThatThrownBy(() ->
            groups.deleteResourceGroup(
                DeleteResourceGroupRequest.newBuilder().setResourceGroupName("default").build()))
        .hasMessageContaining("cannot delete reserved group");
    groups.deleteResourceGroup(
        DeleteResourceGroupRequest.newBuilder().setResourceGroupName("batch").build());
    assertThatThrownBy(() ->
            groups.getResourceGroup(
                GetResourceGroupRequest.newBuilder().setResourceGroupName("batch").build()))
        .hasMessageContaining("the batch resource group does not exist");
  }

  @Test
  void tokensAreGrantedAndConsumptionIsCounted() throws Exception {
    groups.addResourceGroup(
        PutResourceGroupRequest.newBuilder().setGroup(group("batch", 100)).build());
    CompletableFuture<TokenBucketsResponse> answer = new CompletableFuture<>();
    StreamObserver<TokenBucketsRequest> requests =
        ResourceManagerGrpc.newStub(channels.channel(pd.clientUrl()))
            .acquireTokenBuckets(
                new StreamObserver<>() {
                  @Override
                  public void onNext(TokenBucketsResponse response) {
                    answer.complete(response);
                  }

                  @Override
                  public void onError(Throwable failure) {
                    answer.completeExceptionally(failure);
                  }

                  @Override
                  public void onCompleted() {}
                });
    TokenBucketsRequest.Builder request =
        TokenBucketsRequest.newBuilder().setTargetRequestPeriodMs(5_000);
    for (String name : List.of("default", "batch", "nobody")) {
      var each = request.addRequestsBuilder().setResourceGroupName(name);
      each.getRuItemsBuilder().addRequestRUBuilder().setValue(300);
      each.getConsumptionSinceLastRequestBuilder().setRRU(7).setReadCrossAzTrafficBytes(3);
    }
    requests.onNext(request.build());
    TokenBucketsResponse granted = answer.get(10, TimeUnit.SECONDS);
    requests.onCompleted();
    assertThat(granted.getResponsesList())
        .extracting(each -> each.getResourceGroupName())
        .containsExactly("default", "batch");
    assertThat(granted.getResponses(0).getGrantedRUTokens(0).getGrantedTokens().getTokens())
        .isEqualTo(300);
    ResourceGroup counted =
        groups
            .getResourceGroup(
                GetResourceGroupRequest.newBuilder()
                    .setResourceGroupName("batch")
                    .setWithRuStats(true)
                    .build())
            .getGroup();
    assertThat(counted.getRUStats().getRRU()).isEqualTo(7);
    assertThat(counted.getRUStats().getReadCrossAzTrafficBytes()).isEqualTo(3);
  }

  @Test
  void settingsAreWatchedFromARevision() throws Exception {
    ByteString key = ByteString.copyFromUtf8("settings/a");
    long first =
        storage
            .put(PutRequest.newBuilder().setHeader(header()).setKey(key).setValue(key).build())
            .getHeader()
            .getRevision();
    LinkedBlockingQueue<WatchResponse> events = new LinkedBlockingQueue<>();
    MetaStorageGrpc.newStub(channels.channel(pd.clientUrl()))
        .watch(
            WatchRequest.newBuilder()
                .setHeader(header())
                .setKey(key)
                .setStartRevision(first)
                .setPrevKv(true)
                .build(),
            new StreamObserver<>() {
              @Override
              public void onNext(WatchResponse response) {
                events.add(response);
              }

              @Override
              public void onError(Throwable failure) {}

              @Override
              public void onCompleted() {}
            });
    assertThat(events.poll(10, TimeUnit.SECONDS).getEvents(0).getKv().getModRevision())
        .isEqualTo(first);
    storage.put(PutRequest.newBuilder().setHeader(header()).setKey(key).build());
    WatchResponse second = events.poll(10, TimeUnit.SECONDS);
    assertThat(second.getEvents(0).getPrevKv().getValue()).isEqualTo(key);
    assertThatThrownBy(() -> storage.get(GetRequest.newBuilder().setKey(key).build()))
        .hasMessageContaining("mismatch cluster id");
  }
}
