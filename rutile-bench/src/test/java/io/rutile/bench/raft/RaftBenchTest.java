package io.rutile.bench.raft;

import static org.assertj.core.api.Assertions.assertThat;

import io.rutile.base.log.LogConfig;
import io.rutile.base.log.Logging;
import java.io.PrintWriter;
import java.io.StringWriter;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import picocli.CommandLine;

@Timeout(120)
class RaftBenchTest {
  @BeforeAll
  static void quiet() {
    Logging.start(LogConfig.quiet());
  }

  @Test
  void threeStoresAcknowledgeWritesOnEveryRegion() {
    RaftBench bench = new RaftBench();
    StringWriter out = new StringWriter();
    int code =
        new CommandLine(bench)
            .setOut(new PrintWriter(out, true))
            .execute("--regions=5", "--warmup=0", "--duration=1", "--in-flight=16");
    assertThat(code).as(out.toString()).isZero();
    assertThat(bench.acknowledged()).isPositive();
    assertThat(out.toString()).contains("regions=5").contains("failed=0");
  }
}
