package io.rutile.pd.http;

import io.rutile.pd.member.MemberDirectory;
import io.rutile.proto.pdpb.Member;
import io.rutile.rpc.http.HttpException;
import io.rutile.rpc.http.HttpRequest;
import io.rutile.rpc.http.HttpResponse;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.Map;

/**
 * Hands HTTP requests on to the leader, as PD's followers do: the caller sees the leader's answer.
 * A request that was handed on once is not handed on again. Blocks a virtual thread each.
 */
public final class LeaderRedirect {
  /** Marks a request that another member handed on. */
  static final String REDIRECTED = "pd-redirector";

  private static final Duration TIMEOUT = Duration.ofSeconds(30);
  private static final Duration PING_TIMEOUT = Duration.ofSeconds(1);

  private final MemberDirectory members;
  private final HttpClient client;

  /**
   * @param client stays the caller's to close
   */
  public LeaderRedirect(MemberDirectory members, HttpClient client) {
    this.members = members;
    this.client = client;
  }

  HttpResponse forward(HttpRequest request) throws InterruptedException {
    Member leader = members.leader();
    if (leader == null || leader.getMemberId() == members.selfId()) {
      throw new HttpException(503, "no leader");
    }
    if (request.header(REDIRECTED) != null) {
      throw new HttpException(500, "redirect to not leader");
    }
    String target = request.header(HttpRequest.TARGET);
    java.net.http.HttpRequest.Builder onward =
        java.net.http.HttpRequest.newBuilder(
                URI.create(leader.getClientUrls(0) + (target == null ? request.path() : target)))
            .timeout(TIMEOUT)
            .header(REDIRECTED, members.selfName())
            .method(request.method(), BodyPublishers.ofByteArray(request.body()));
    String type = request.header("content-type");
    if (type != null) {
      onward.header("content-type", type);
    }
    try {
      var answer = client.send(onward.build(), BodyHandlers.ofByteArray());
      String answerType =
          answer.headers().firstValue("content-type").orElse("application/octet-stream");
      return new HttpResponse(
          answer.statusCode(), Map.of("content-type", answerType), answer.body());
    } catch (IOException e) {
      throw new HttpException(503, "leader " + leader.getName() + " does not answer: " + e);
    }
  }

  /** Whether the member answers. */
  public boolean answers(Member member) {
    if (member.getClientUrlsCount() == 0) {
      return false;
    }
    try {
      URI page = URI.create(member.getClientUrls(0) + "/pd/api/v1/ping");
      var ping = java.net.http.HttpRequest.newBuilder(page).timeout(PING_TIMEOUT).build();
      return client.send(ping, BodyHandlers.discarding()).statusCode() == 200;
    } catch (IOException e) {
      return false;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }
}
