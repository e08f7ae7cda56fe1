package io.rutile.rpc.http;

/** Answers one kind of request. Runs on a virtual thread and may block. */
@FunctionalInterface
public interface HttpHandler {
  /**
   * @throws HttpException to answer with that status and text
   * @throws Exception anything else becomes status 500 with the exception's text
   */
  HttpResponse handle(HttpRequest request) throws Exception;
}
