package io.rutile.rpc.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class RouterTest {
  private final Router router =
      new Router()
          .get("/stores", r -> text("all"))
          .get("/store/{id}", r -> text("store " + r.pathParameter("id")))
          .get("/store/self", r -> text("self"))
          .delete("/store/{id}", r -> text("gone"))
          .get("/store/{id}/label/{name}", r -> text(r.pathParameters().toString()))
          .get("/files/{path...}", r -> text("file " + r.pathParameter("path")))
          .get(
              "/fails",
              r -> {
                throw new IllegalStateException("broken");
              })
          .get(
              "/refuses",
              r -> {
                throw new HttpException(410, "gone for good");
              });

  @Test
  void findsFixedNamedAndTrailingParts() {
    assertThat(body("GET", "/stores")).isEqualTo("all");
    assertThat(body("GET", "/stores/")).isEqualTo("all");
    assertThat(body("GET", "/store/5")).isEqualTo("store 5");
    assertThat(body("GET", "/store/self")).isEqualTo("self");
    assertThat(body("DELETE", "/store/5")).isEqualTo("gone");
    assertThat(body("GET", "/store/self/label/zone")).contains("id=self").contains("name=zone");
    assertThat(body("GET", "/files/a/b/c")).isEqualTo("file a/b/c");
  }

  @Test
  void saysWhatIsWrong() {
    assertThat(handle("GET", "/store").status()).isEqualTo(404);
    assertThat(handle("POST", "/store/5").status()).isEqualTo(405);
    assertThat(handle("POST", "/store/5").headers()).containsEntry("allow", "DELETE, GET");
    assertThat(handle("GET", "/fails")).matches(r -> r.status() == 500);
    assertThat(body("GET", "/fails")).isEqualTo("broken");
    assertThat(handle("GET", "/refuses").status()).isEqualTo(410);
  }

  @Test
  void refusesTwoHandlersForOneRoute() {
    assertThatThrownBy(() -> router.get("/store/{other}", r -> text("")))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("/store/{other}");
  }

  @Test
  void describesItself() {
    assertThat(router.describe()).contains("GET /store/{}", "DELETE /store/{}", "GET /stores");
  }

  private HttpResponse handle(String method, String path) {
    return router.handle(
        new HttpRequest(method, path, Map.of(), Map.of("q", List.of("1")), Map.of(), new byte[0]));
  }

  private String body(String method, String path) {
    return new String(handle(method, path).body());
  }

  private static HttpResponse text(String text) {
    return HttpResponse.text(200, text);
  }
}
