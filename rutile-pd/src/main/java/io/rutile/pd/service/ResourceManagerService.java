package io.rutile.pd.service;

import io.grpc.stub.StreamObserver;
import io.rutile.pd.cluster.LeaderSession;
import io.rutile.pd.resource.ResourceGroupException;
import io.rutile.pd.resource.ResourceGroups;
import io.rutile.proto.resourcemanager.DeleteResourceGroupRequest;
import io.rutile.proto.resourcemanager.DeleteResourceGroupResponse;
import io.rutile.proto.resourcemanager.GetResourceGroupRequest;
import io.rutile.proto.resourcemanager.GetResourceGroupResponse;
import io.rutile.proto.resourcemanager.GrantedRUTokenBucket;
import io.rutile.proto.resourcemanager.KeyspaceIDValue;
import io.rutile.proto.resourcemanager.ListResourceGroupsRequest;
import io.rutile.proto.resourcemanager.ListResourceGroupsResponse;
import io.rutile.proto.resourcemanager.PutResourceGroupRequest;
import io.rutile.proto.resourcemanager.PutResourceGroupResponse;
import io.rutile.proto.resourcemanager.ResourceGroup;
import io.rutile.proto.resourcemanager.ResourceManagerGrpc;
import io.rutile.proto.resourcemanager.TokenBucketRequest;
import io.rutile.proto.resourcemanager.TokenBucketResponse;
import io.rutile.proto.resourcemanager.TokenBucketsRequest;
import io.rutile.proto.resourcemanager.TokenBucketsResponse;
import java.util.List;

/** The service {@code resource_manager.ResourceManager}, by the leader only. */
public final class ResourceManagerService extends ResourceManagerGrpc.ResourceManagerImplBase {
  private static final String DONE = "Success!";

  private final Gate gate;

  public ResourceManagerService(Gate gate) {
    this.gate = gate;
  }

  private static long keyspace(KeyspaceIDValue value) {
    return value.getKeyspaceCase() == KeyspaceIDValue.KeyspaceCase.VALUE
        ? Integer.toUnsignedLong(value.getValue())
        : ResourceGroups.NO_KEYSPACE;
  }

  private ResourceGroups groups() {
    return gate.leader().resourceGroups();
  }

  @Override
  public void listResourceGroups(
      ListResourceGroupsRequest request, StreamObserver<ListResourceGroupsResponse> out) {
    Gate.reply(
        out,
        () ->
            ListResourceGroupsResponse.newBuilder()
                .addAllGroups(
                    groups().list(keyspace(request.getKeyspaceId()), request.getWithRuStats()))
                .build());
  }

  @Override
  public void getResourceGroup(
      GetResourceGroupRequest request, StreamObserver<GetResourceGroupResponse> out) {
    Gate.reply(
        out,
        () -> {
          ResourceGroup group =
              groups()
                  .get(
                      keyspace(request.getKeyspaceId()),
                      request.getResourceGroupName(),
                      request.getWithRuStats());
          if (group == null) {
            throw ResourceGroupException.missing(request.getResourceGroupName());
          }
          return GetResourceGroupResponse.newBuilder().setGroup(group).build();
        });
  }

  @Override
  public void addResourceGroup(
      PutResourceGroupRequest request, StreamObserver<PutResourceGroupResponse> out) {
    Gate.reply(
        out,
        () -> {
          groups().add(keyspace(request.getGroup().getKeyspaceId()), request.getGroup());
          return PutResourceGroupResponse.newBuilder().setBody(DONE).build();
        });
  }

  @Override
  public void modifyResourceGroup(
      PutResourceGroupRequest request, StreamObserver<PutResourceGroupResponse> out) {
    Gate.reply(
        out,
        () -> {
          groups().modify(keyspace(request.getGroup().getKeyspaceId()), request.getGroup());
          return PutResourceGroupResponse.newBuilder().setBody(DONE).build();
        });
  }

  @Override
  public void deleteResourceGroup(
      DeleteResourceGroupRequest request, StreamObserver<DeleteResourceGroupResponse> out) {
    Gate.reply(
        out,
        () -> {
          groups().delete(keyspace(request.getKeyspaceId()), request.getResourceGroupName());
          return DeleteResourceGroupResponse.newBuilder().setBody(DONE).build();
        });
  }

  @Override
  public StreamObserver<TokenBucketsRequest> acquireTokenBuckets(
      StreamObserver<TokenBucketsResponse> out) {
    return new EachCall<>(out, this::acquire, Gate::status);
  }

  /** Groups that are not there get no answer, as in PD: the client goes on without limit. */
  private TokenBucketsResponse acquire(TokenBucketsRequest request) {
    LeaderSession session = gate.leader();
    TokenBucketsResponse.Builder response = TokenBucketsResponse.newBuilder();
    for (TokenBucketRequest each : request.getRequestsList()) {
      List<GrantedRUTokenBucket> granted =
          session
              .resourceGroups()
              .acquire(keyspace(each.getKeyspaceId()), each, request.getTargetRequestPeriodMs());
      if (granted != null) {
        response.addResponses(
            TokenBucketResponse.newBuilder()
                .setResourceGroupName(each.getResourceGroupName())
                .setKeyspaceId(each.getKeyspaceId())
                .addAllGrantedRUTokens(granted));
      }
    }
    return response.build();
  }
}
