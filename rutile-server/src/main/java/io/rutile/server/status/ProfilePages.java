package io.rutile.server.status;

import io.rutile.profiler.ProfileReport;
import io.rutile.profiler.ProfilerException;
import io.rutile.profiler.ProfilerGuard;
import io.rutile.rpc.http.HttpException;
import io.rutile.rpc.http.HttpRequest;
import io.rutile.rpc.http.HttpResponse;
import java.lang.management.ManagementFactory;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import javax.management.JMException;
import javax.management.ObjectName;

/**
 * Profiles of the running process: CPU as a flame graph or pprof message, heap as a histogram of
 * classes. Handlers block their virtual thread for as long as the profile takes.
 */
final class ProfilePages {
  private static final long SECONDS_DEFAULT = 10;
  private static final long SECONDS_MAX = 600;
  private static final String PPROF = "application/protobuf";

  private final CountDownLatch stopped = new CountDownLatch(1);

  /**
   * {@code ?seconds=10&frequency=99}. A request with content type {@code application/protobuf} gets
   * a pprof message, any other a flame graph page.
   */
  HttpResponse cpu(HttpRequest request) throws InterruptedException {
    long seconds = request.longQueryParameter("seconds", SECONDS_DEFAULT);
    if (seconds < 1 || seconds > SECONDS_MAX) {
      throw new HttpException(400, "seconds must lie in 1.." + SECONDS_MAX);
    }
    long frequency = request.longQueryParameter("frequency", ProfilerGuard.DEFAULT_FREQUENCY);
    try (ProfilerGuard guard = ProfilerGuard.start(Math.toIntExact(frequency))) {
      boolean ending = stopped.await(seconds, TimeUnit.SECONDS);
      if (ending) {
        throw new HttpException(503, "the server is stopping");
      }
      return render(request, guard.stop());
    } catch (ProfilerException | ArithmeticException e) {
      throw new HttpException(400, String.valueOf(e.getMessage()));
    }
  }

  private static HttpResponse render(HttpRequest request, ProfileReport report) {
    return PPROF.equals(request.header("content-type"))
        ? HttpResponse.bytes(200, PPROF, report.pprof())
        : HttpResponse.bytes(200, "text/html; charset=utf-8", report.flameGraph());
  }

  /** Live objects by class: count, bytes, name, largest first. */
  HttpResponse heap(HttpRequest request) throws JMException {
    Object histogram =
        ManagementFactory.getPlatformMBeanServer()
            .invoke(
                new ObjectName("com.sun.management:type=DiagnosticCommand"),
                "gcClassHistogram",
                new Object[] {new String[0]},
                new String[] {String[].class.getName()});
    return HttpResponse.text(200, String.valueOf(histogram));
  }

  HttpResponse commandLine(HttpRequest request) {
    return HttpResponse.text(200, ProcessHandle.current().info().commandLine().orElse("rutile"));
  }

  /** Ends a running profile early, so that it does not hold up the server's stop. */
  void stop() {
    stopped.countDown();
  }
}
