package io.rutile.bench.load;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import tools.jackson.databind.json.JsonMapper;

/**
 * The result of one bench: the cluster's figures first, then the limits', and the cluster's share
 * of each limit.
 */
record Report(LoadConfig config, List<Measurement> measurements) {
  String toText() {
    StringBuilder text = new StringBuilder();
    text.append(
        String.format(
            Locale.ROOT,
            "%s %s: %d threads x %d in a frame, %d connections, %d-byte values, %d keys %s, %d s%n",
            lower(config.mode()),
            lower(config.workload()),
            config.threads(),
            config.batch(),
            config.connections(),
            config.valueBytes(),
            config.keys(),
            lower(config.distribution()),
            config.durationSeconds()));
    if (config.mode() == LoadConfig.Mode.TXN) {
      text.append(
          String.format(
              Locale.ROOT,
              "transactions write %d keys, commit %s%n",
              config.txnKeys(),
              lower(config.commit())));
    }
    text.append(Measurement.tableHead());
    for (Measurement measurement : measurements) {
      text.append(System.lineSeparator()).append(measurement.toRow());
    }
    ratios()
        .forEach((name, ratio) ->
            text.append(
                String.format(Locale.ROOT, "%ncluster / %-12s %6.1f %%", name, 100 * ratio)));
    return text.toString();
  }

  String toJson() {
    Map<String, Object> root = new LinkedHashMap<>();
    root.put("config", configMap());
    Map<String, Object> results = new LinkedHashMap<>();
    for (Measurement measurement : measurements) {
      results.put(measurement.name(), measurement.toMap());
    }
    root.put("results", results);
    root.put("ratios", ratios());
    return JsonMapper.shared().writerWithDefaultPrettyPrinter().writeValueAsString(root);
  }

  /** The cluster's throughput as a share of each limit's, by the limit's name. */
  Map<String, Double> ratios() {
    Map<String, Double> ratios = new LinkedHashMap<>();
    double cluster = measurements.getFirst().perSecond();
    for (Measurement limit : measurements.subList(1, measurements.size())) {
      ratios.put(limit.name(), cluster / limit.perSecond());
    }
    return ratios;
  }

  private Map<String, Object> configMap() {
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("mode", lower(config.mode()));
    map.put("workload", lower(config.workload()));
    map.put("threads", config.threads());
    map.put("connections", config.connections());
    map.put("batch", config.batch());
    map.put("valueSize", config.valueBytes());
    map.put("keys", config.keys());
    map.put("distribution", lower(config.distribution()));
    map.put("readPercent", config.readPercent());
    map.put("scanLimit", config.scanLimit());
    map.put("txnKeys", config.txnKeys());
    map.put("commit", lower(config.commit()));
    map.put("seconds", config.durationSeconds());
    map.put("seed", config.seed());
    return map;
  }

  private static String lower(Enum<?> value) {
    return value.name().toLowerCase(Locale.ROOT);
  }
}
