package io.rutile.pd.http;

import io.rutile.pd.cluster.LeaderSession;
import io.rutile.pd.member.LeaderPriorities;
import io.rutile.pd.meta.MetaKv;
import io.rutile.pd.meta.MetaStore;
import io.rutile.proto.pdmetapb.MemberRecord;
import io.rutile.rpc.http.HttpException;
import io.rutile.rpc.http.HttpRequest;
import io.rutile.rpc.http.HttpResponse;
import io.rutile.rpc.http.Router;
import java.util.Map;
import java.util.function.Predicate;

/** What operators do to the members of PD: remove, prefer, hand over leadership. */
public final class LeadershipRoutes {
  private static final String V1 = "/pd/api/v1";

  private final Leading leading;

  public LeadershipRoutes(Leading leading) {
    this.leading = leading;
  }

  public void addTo(Router router) {
    router
        .delete(V1 + "/members/name/{name}", leading.handler(LeadershipRoutes::removeByName))
        .delete(V1 + "/members/id/{id}", leading.handler(LeadershipRoutes::removeById))
        .post(V1 + "/members/name/{name}", leading.handler(LeadershipRoutes::change))
        .post(V1 + "/leader/resign", leading.handler(LeadershipRoutes::resign))
        .post(V1 + "/leader/transfer/{name}", leading.handler(LeadershipRoutes::transfer));
  }

  private static MemberRecord member(
      LeaderSession session, String asked, Predicate<MemberRecord> wanted) {
    return session.meta().store().members().stream()
        .filter(wanted)
        .findFirst()
        .orElseThrow(() -> new HttpException(404, "not found, pd: " + asked));
  }

  private static MemberRecord named(LeaderSession session, HttpRequest request) {
    String name = request.pathParameter("name");
    return member(session, name, member -> member.getName().equals(name));
  }

  private static HttpResponse removeByName(LeaderSession session, HttpRequest request) {
    return remove(session, named(session, request), request.pathParameter("name"));
  }

  private static HttpResponse removeById(LeaderSession session, HttpRequest request) {
    String text = request.pathParameter("id");
    long id;
    try {
      id = Long.parseUnsignedLong(text);
    } catch (NumberFormatException e) {
      throw new HttpException(400, "\"" + text + "\" is not a member id");
    }
    return remove(session, member(session, text, member -> member.getId() == id), text);
  }

  private static HttpResponse remove(LeaderSession session, MemberRecord member, String asked) {
    MetaKv.await(session.meta().store().removeMember(member.getId()));
    return HttpResponse.json("removed, pd: " + asked);
  }

  private static HttpResponse change(LeaderSession session, HttpRequest request) {
    MemberRecord member = named(session, request);
    Map<String, Object> body = Body.object(request);
    for (Map.Entry<String, Object> property : body.entrySet()) {
      if (!property.getKey().equals("leader-priority")) {
        throw new HttpException(400, "unknown property " + property.getKey());
      }
      if (!(property.getValue() instanceof Number priority)) {
        throw new HttpException(400, "bad format leader priority");
      }
      LeaderPriorities.set(
          session.meta(), session.clusterId(), member.getId(), priority.intValue());
    }
    return HttpResponse.json("success");
  }

  private static HttpResponse resign(LeaderSession session, HttpRequest request) {
    MetaStore store = session.meta().store();
    if (store.members().size() < 2) {
      throw new HttpException(500, "no other member can lead");
    }
    store.transferLeadership(0);
    return HttpResponse.json("The resign command is submitted.");
  }

  private static HttpResponse transfer(LeaderSession session, HttpRequest request) {
    session.meta().store().transferLeadership(named(session, request).getId());
    return HttpResponse.json("The transfer command is submitted.");
  }
}
