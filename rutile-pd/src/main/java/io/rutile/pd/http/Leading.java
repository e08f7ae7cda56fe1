package io.rutile.pd.http;

import io.rutile.base.error.ErrorCategory;
import io.rutile.base.error.RutileException;
import io.rutile.pd.cluster.LeaderSession;
import io.rutile.pd.member.LeaderCycle;
import io.rutile.rpc.http.HttpException;
import io.rutile.rpc.http.HttpHandler;
import io.rutile.rpc.http.HttpRequest;
import io.rutile.rpc.http.HttpResponse;

/**
 * Handlers that only the leader can run, and PD's refusals as HTTP statuses. Another member hands
 * the request on to the leader.
 */
public final class Leading {
  private final LeaderCycle cycle;
  private final LeaderRedirect redirect;

  public Leading(LeaderCycle cycle, LeaderRedirect redirect) {
    this.cycle = cycle;
    this.redirect = redirect;
  }

  /** One answer from the leader's session. */
  @FunctionalInterface
  interface Call {
    HttpResponse answer(LeaderSession session, HttpRequest request);
  }

  HttpHandler handler(Call call) {
    return request -> {
      LeaderSession session = cycle.session();
      if (session == null) {
        return redirect.forward(request);
      }
      try {
        return call.answer(session, request);
      } catch (HttpException e) {
        throw e;
      } catch (RutileException e) {
        String message = e.getMessage() == null ? e.toString() : e.getMessage();
        throw new HttpException(status(e, message), message);
      }
    };
  }

  private static int status(RutileException failure, String message) {
    if (message.contains("not found") || message.contains("does not exist")) {
      return 404;
    }
    return failure.category() == ErrorCategory.CALLER ? 400 : 500;
  }
}
