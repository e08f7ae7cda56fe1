package io.rutile.pd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientInterceptor;
import io.grpc.ClientInterceptors;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.MetadataUtils;
import io.rutile.proto.etcdserverpb.ClusterGrpc;
import io.rutile.proto.etcdserverpb.Member;
import io.rutile.proto.etcdserverpb.MemberListRequest;
import io.rutile.proto.pdpb.AllocIDRequest;
import io.rutile.proto.pdpb.ErrorType;
import io.rutile.proto.pdpb.EventType;
import io.rutile.proto.pdpb.GetMembersRequest;
import io.rutile.proto.pdpb.GetMembersResponse;
import io.rutile.proto.pdpb.GetRegionRequest;
import io.rutile.proto.pdpb.GlobalConfigItem;
import io.rutile.proto.pdpb.IsSnapshotRecoveringRequest;
import io.rutile.proto.pdpb.LoadGlobalConfigRequest;
import io.rutile.proto.pdpb.PDGrpc;
import io.rutile.proto.pdpb.StoreGlobalConfigRequest;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Several members over real sockets: who answers what, and what happens when leaders go. */
class PdGroupTest {
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  @TempDir Path directory;

  @Test
  void anyMemberTellsWhoLeadsAndHandsOnWhatOnlyTheLeaderCan() throws Exception {
    try (PdGroup group = PdGroup.start(directory, 3)) {
      PdServer leader = group.leader();
      PdServer follower = group.follower();
      for (String name : Set.of("pd1", "pd2", "pd3")) {
        GetMembersResponse known =
            PDGrpc.newBlockingStub(group.channel(group.member(name)))
                .getMembers(GetMembersRequest.getDefaultInstance());
        assertThat(known.getHeader().getClusterId()).isEqualTo(leader.clusterId());
        assertThat(known.getMembersCount()).isEqualTo(3);
        assertThat(known.getLeader().getName()).isEqualTo(leader.name());
        assertThat(known.getLeader().getClientUrlsList()).containsExactly(leader.clientUrl());
      }
      refusesAsClientsExpect(group, follower);
      forwards(group, leader, follower);
      sharesSettings(group, leader, follower);
      redirectsHttp(leader, follower);
    }
  }

  private static void refusesAsClientsExpect(PdGroup group, PdServer follower) {
    PDGrpc.PDBlockingStub stub = PDGrpc.newBlockingStub(group.channel(follower));
    assertThatThrownBy(
            () -> stub.allocID(AllocIDRequest.newBuilder().setHeader(group.header()).build()))
        .isInstanceOfSatisfying(
            StatusRuntimeException.class,
            e -> {
              assertThat(e.getStatus().getCode()).isEqualTo(Status.Code.UNAVAILABLE);
              assertThat(e.getStatus().getDescription()).isEqualTo("not leader");
            });
    GetRegionRequest read = GetRegionRequest.newBuilder().setHeader(group.header()).build();
    assertThatThrownBy(() -> stub.getRegion(read))
        .hasMessageContaining("not leader and follower handling not allowed");
    assertThat(
            stub.withInterceptors(metadata("pd-allow-follower-handle", "true"))
                .getRegion(read)
                .getHeader()
                .getError()
                .getType())
        .isEqualTo(ErrorType.REGION_NOT_FOUND);
    assertThatThrownBy(() ->
            group.timestamp(
                group.channel(follower).newCall(PDGrpc.getTsoMethod(), CallOptions.DEFAULT)))
        .isInstanceOf(ExecutionException.class)
        .hasMessageContaining("not leader");
  }

  private static ClientInterceptor metadata(String key, String value) {
    Metadata headers = new Metadata();
    headers.put(Metadata.Key.of(key, Metadata.ASCII_STRING_MARSHALLER), value);
    return MetadataUtils.newAttachHeadersInterceptor(headers);
  }

  private static void forwards(PdGroup group, PdServer leader, PdServer follower) throws Exception {
    Channel channel =
        ClientInterceptors.intercept(
            group.channel(follower), metadata("pd-forwarded-host", leader.clientUrl()));
    assertThat(
            PDGrpc.newBlockingStub(channel)
                .allocID(AllocIDRequest.newBuilder().setHeader(group.header()).build())
                .getId())
        .isPositive();
    assertThat(
            group
                .timestamp(channel.newCall(PDGrpc.getTsoMethod(), CallOptions.DEFAULT))
                .getTimestamp()
                .getPhysical())
        .isPositive();
    assertThatThrownBy(() ->
            PDGrpc.newBlockingStub(group.channel(follower))
                .withInterceptors(metadata("pd-forwarded-host", "http://127.0.0.1:1"))
                .allocID(AllocIDRequest.newBuilder().setHeader(group.header()).build()))
        .hasMessageContaining("is no member");
  }

  /** What clients may ask of any member, that one gets from the leader. */
  private static void sharesSettings(PdGroup group, PdServer leader, PdServer follower) {
    PDGrpc.PDBlockingStub stub = PDGrpc.newBlockingStub(group.channel(follower));
    stub.storeGlobalConfig(
        StoreGlobalConfigRequest.newBuilder()
            .addChanges(
                GlobalConfigItem.newBuilder()
                    .setName("limit")
                    .setKind(EventType.PUT)
                    .setPayload(ByteString.copyFromUtf8("7")))
            .build());
    LoadGlobalConfigRequest load = LoadGlobalConfigRequest.newBuilder().addNames("limit").build();
    for (PdServer member : List.of(follower, leader)) {
      assertThat(
              PDGrpc.newBlockingStub(group.channel(member))
                  .loadGlobalConfig(load)
                  .getItems(0)
                  .getPayload()
                  .toStringUtf8())
          .isEqualTo("7");
    }
    assertThat(
            stub.isSnapshotRecovering(IsSnapshotRecoveringRequest.getDefaultInstance()).getMarked())
        .isFalse();
  }

  private static void redirectsHttp(PdServer leader, PdServer follower) throws Exception {
    assertThat(request("GET", follower, "/pd/api/v1/leader", "").body()).contains(leader.name());
    HttpResponse<String> health = request("GET", follower, "/pd/api/v1/health", "");
    assertThat(health.body().split("\"health\" : true", -1)).hasSize(4);
    HttpResponse<String> config = request("GET", follower, "/pd/api/v1/config", "");
    assertThat(config.statusCode()).isEqualTo(200);
    assertThat(config.body()).contains("leader-schedule-limit");
    HttpResponse<String> refused =
        request("POST", follower, "/pd/api/v1/members/name/pd1", "{\"color\": 1}");
    assertThat(refused.statusCode()).isEqualTo(400);
    assertThat(refused.body()).contains("unknown property color");
  }

  private static HttpResponse<String> request(
      String method, PdServer member, String path, String body) throws Exception {
    try (HttpClient http = HttpClient.newHttpClient()) {
      return http.send(
          HttpRequest.newBuilder(URI.create(member.clientUrl() + path))
              .method(method, BodyPublishers.ofString(body))
              .build(),
          BodyHandlers.ofString());
    }
  }

  @Test
  void timestampsAndIdsGoOnOverLeadersAndRestarts() {
    try (PdGroup group = PdGroup.start(directory, 3)) {
      long last = group.timestamp();
      Set<Long> ids = new HashSet<>();
      for (int round = 0; round < 2; round++) {
        String leader = group.leader().name();
        assertThat(ids.add(allocate(group))).isTrue();
        group.stop(leader);
        long next = group.timestamp();
        assertThat(next).isGreaterThan(last);
        last = next;
        assertThat(ids.add(allocate(group))).isTrue();
        group.start(leader);
        group.awaitComplete();
      }
    }
  }

  private static long allocate(PdGroup group) {
    return PDGrpc.newBlockingStub(group.channel(group.leader()))
        .allocID(AllocIDRequest.newBuilder().setHeader(group.header()).build())
        .getId();
  }

  @Test
  void membersComeAndGo() throws Exception {
    try (PdGroup group = PdGroup.start(directory, 1)) {
      long first = group.timestamp();
      group.join("second");
      group.awaitComplete();
      group.join("third");
      group.awaitComplete();
      Awaitility.await().atMost(PATIENCE).until(() -> allVote(group));

      assertThat(request("POST", group.follower(), "/pd/api/v1/leader/transfer/third", "").body())
          .contains("The transfer command is submitted.");
      Awaitility.await().atMost(PATIENCE).until(() -> group.leader().name().equals("third"));
      assertThat(
              request(
                      "POST",
                      group.leader(),
                      "/pd/api/v1/members/name/second",
                      "{\"leader-priority\": 5}")
                  .statusCode())
          .isEqualTo(200);
      Awaitility.await().atMost(PATIENCE).until(() -> group.leader().name().equals("second"));

      assertThat(request("DELETE", group.leader(), "/pd/api/v1/members/name/nobody", "").body())
          .contains("not found, pd: nobody");
      assertThat(request("DELETE", group.leader(), "/pd/api/v1/members/name/pd1", "").body())
          .contains("removed, pd: pd1");
      assertThat(group.timestamp()).isGreaterThan(first);
      group.awaitEnd("pd1");
      group.stop("pd1");
      assertThatThrownBy(() -> group.start("pd1")).hasMessageContaining("was removed");
      assertThat(request("GET", group.follower(), "/pd/api/v1/members", "").body())
          .contains("\"leader_priority\" : 5")
          .doesNotContain("\"pd1\"");
    }
  }

  private static boolean allVote(PdGroup group) {
    return ClusterGrpc.newBlockingStub(group.channel(group.leader()))
        .memberList(MemberListRequest.getDefaultInstance())
        .getMembersList()
        .stream()
        .noneMatch(Member::getIsLearner);
  }
}
