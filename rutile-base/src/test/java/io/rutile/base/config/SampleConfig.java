package io.rutile.base.config;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A configuration with every kind of item. */
record SampleConfig(
    @Describe("Where data lives.") String dataDir,
    Net net,
    @Describe("Items that the tests of the mapper count.") @Online @Range(min = "1", max = "100")
        int counter,
    @OneOf({"1", "2"}) int version) {

  record Net(
      @Describe("The largest message.") @Range(min = "1KB", max = "1GB") @Online
          ReadableSize maxMessage,
      @Range(max = "1h") ReadableDuration keepAlive,
      @OneOf({"none", "gzip"}) String compression,
      Limits limits,
      Map<String, String> labels,
      List<String> endpoints) {}

  record Limits(
      @Describe("Threads that serve.") @Range(min = "1") @Nullable Integer threads,
      long low,
      @Online long high,
      double ratio,
      @Hidden boolean secret) {
    Limits {
      if (low > high) {
        throw new IllegalArgumentException("low = " + low + " must not be above high = " + high);
      }
    }
  }

  static SampleConfig defaults() {
    return new SampleConfig(
        "./",
        new Net(
            ReadableSize.mib(10),
            ReadableDuration.seconds(10),
            "none",
            new Limits(null, 5, 10, 0.5, false),
            Map.of(),
            List.of("127.0.0.1:2379")),
        7,
        1);
  }

  static ConfigMapper<SampleConfig> mapper(OtherKeys others) {
    return new ConfigMapper<>(SampleConfig.class, defaults(), others);
  }
}
