package io.rutile.pd.schedule.placement;

import io.rutile.base.bytes.Bytes;
import io.rutile.base.config.ReadableDuration;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Rules in PD's JSON, which is also how they are stored. Stateless. */
public final class RuleJson {
  private static final String KEY_RANGE = "key-range";

  private RuleJson() {}

  public static Map<String, Object> rule(PlacementRule rule) {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("group_id", rule.groupId());
    json.put("id", rule.id());
    if (rule.index() != 0) {
      json.put("index", rule.index());
    }
    if (rule.override()) {
      json.put("override", true);
    }
    json.put("start_key", hex(rule.startKey()));
    json.put("end_key", hex(rule.endKey()));
    json.put("role", rule.role().wireName());
    json.put("is_witness", false);
    json.put("count", rule.count());
    if (!rule.constraints().isEmpty()) {
      json.put("label_constraints", rule.constraints().stream().map(RuleJson::constraint).toList());
    }
    if (!rule.locationLabels().isEmpty()) {
      json.put("location_labels", rule.locationLabels());
    }
    if (!rule.isolationLevel().isEmpty()) {
      json.put("isolation_level", rule.isolationLevel());
    }
    return json;
  }

  private static Map<String, Object> constraint(LabelConstraint constraint) {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("key", constraint.key());
    json.put("op", constraint.op().wireName());
    if (!constraint.values().isEmpty()) {
      json.put("values", constraint.values());
    }
    return json;
  }

  /**
   * @throws PlacementException naming what is wrong
   */
  public static PlacementRule rule(Map<String, ?> json) {
    if (flag(json, "is_witness")) {
      throw PlacementException.content("witness peers are not supported");
    }
    return new PlacementRule(
            text(json, "group_id"),
            text(json, "id"),
            number(json, "index"),
            flag(json, "override"),
            key(json, "start_key"),
            key(json, "end_key"),
            RuleRole.of(text(json, "role")),
            number(json, "count"),
            constraints(json.get("label_constraints")),
            texts(json, "location_labels"),
            text(json, "isolation_level"))
        .checked();
  }

  private static List<LabelConstraint> constraints(@Nullable Object json) {
    List<LabelConstraint> constraints = new ArrayList<>();
    for (Map<String, ?> one : objects(json, "label_constraints")) {
      constraints.add(
          new LabelConstraint(
              text(one, "key"), LabelConstraint.Op.of(text(one, "op")), texts(one, "values")));
    }
    return constraints;
  }

  public static Map<String, Object> group(RuleGroup group) {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("id", group.id());
    json.put("index", group.index());
    json.put("override", group.override());
    return json;
  }

  /**
   * @throws PlacementException naming what is wrong
   */
  public static RuleGroup group(Map<String, ?> json) {
    String id = text(json, "id");
    if (id.isEmpty()) {
      throw PlacementException.content("group id is empty");
    }
    return new RuleGroup(id, number(json, "index"), flag(json, "override"));
  }

  public static Map<String, Object> label(RegionLabelRule rule) {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("id", rule.id());
    json.put("index", rule.index());
    List<Object> labels = new ArrayList<>();
    for (RegionLabelRule.Label label : rule.labels()) {
      Map<String, Object> one = new LinkedHashMap<>();
      one.put("key", label.key());
      one.put("value", label.value());
      if (!label.ttl().isEmpty()) {
        one.put("ttl", label.ttl());
        one.put("start_at", label.startAt());
      }
      labels.add(one);
    }
    json.put("labels", labels);
    json.put("rule_type", KEY_RANGE);
    List<Object> ranges = new ArrayList<>();
    for (RegionLabelRule.KeyRange range : rule.ranges()) {
      Map<String, Object> one = new LinkedHashMap<>();
      one.put("start_key", hex(range.start()));
      one.put("end_key", hex(range.end()));
      ranges.add(one);
    }
    json.put("data", ranges);
    return json;
  }

  /**
   * @param nowMillis when labels that tell no start begin, in milliseconds since 1970
   * @throws PlacementException naming what is wrong
   */
  public static RegionLabelRule label(Map<String, ?> json, long nowMillis) {
    String id = text(json, "id");
    require(!id.isEmpty(), "empty rule id");
    String type = text(json, "rule_type");
    require(type.equals(KEY_RANGE), "invalid rule type: " + type);
    List<RegionLabelRule.Label> labels = new ArrayList<>();
    for (Map<String, ?> one : objects(json.get("labels"), "labels")) {
      labels.add(labelOf(one, nowMillis));
    }
    require(!labels.isEmpty(), "no region labels");
    List<RegionLabelRule.KeyRange> ranges = new ArrayList<>();
    for (Map<String, ?> one : objects(json.get("data"), "data")) {
      byte[] start = key(one, "start_key");
      byte[] end = key(one, "end_key");
      require(
          end.length == 0 || Bytes.compare(start, end) < 0,
          "endKey should be greater than startKey");
      ranges.add(new RegionLabelRule.KeyRange(start, end));
    }
    require(!ranges.isEmpty(), "no key ranges");
    return new RegionLabelRule(id, number(json, "index"), labels, ranges);
  }

  private static RegionLabelRule.Label labelOf(Map<String, ?> json, long nowMillis) {
    String key = text(json, "key");
    String value = text(json, "value");
    String ttl = text(json, "ttl");
    require(!key.isEmpty(), "empty region label key");
    require(!value.isEmpty(), "empty region label value");
    if (ttl.isEmpty()) {
      return RegionLabelRule.Label.of(key, value);
    }
    try {
      String started = text(json, "start_at");
      if (started.isEmpty()) {
        started = Instant.ofEpochMilli(nowMillis).atOffset(ZoneOffset.UTC).toString();
      }
      long startMillis = OffsetDateTime.parse(started).toInstant().toEpochMilli();
      long expires = startMillis + ReadableDuration.parse(ttl).toMillis();
      return new RegionLabelRule.Label(key, value, ttl, started, expires);
    } catch (DateTimeException | IllegalArgumentException e) {
      throw PlacementException.label("ttl " + ttl + " is not a duration: " + e.getMessage());
    }
  }

  private static void require(boolean holds, String message) {
    if (!holds) {
      throw PlacementException.label(message);
    }
  }

  /** Keys are upper or lower case hexadecimal; written in lower case, as PD does here. */
  private static String hex(byte[] key) {
    return HexFormat.of().formatHex(key);
  }

  private static byte[] key(Map<String, ?> json, String name) {
    String text = text(json, name);
    try {
      return HexFormat.of().parseHex(text.toLowerCase(Locale.ROOT));
    } catch (IllegalArgumentException e) {
      throw PlacementException.content(name + " is not hexadecimal: " + text);
    }
  }

  private static String text(Map<String, ?> json, String name) {
    Object value = json.get(name);
    return value == null ? "" : value.toString();
  }

  private static boolean flag(Map<String, ?> json, String name) {
    return Boolean.parseBoolean(text(json, name));
  }

  private static int number(Map<String, ?> json, String name) {
    Object value = json.get(name);
    if (value == null) {
      return 0;
    }
    try {
      return value instanceof Number number
          ? number.intValue()
          : Integer.parseInt(value.toString());
    } catch (NumberFormatException e) {
      throw PlacementException.content(name + " is not a whole number: " + value);
    }
  }

  private static List<String> texts(Map<String, ?> json, String name) {
    return json.get(name) instanceof List<?> list
        ? list.stream().map(String::valueOf).toList()
        : List.of();
  }

  /** The members of a JSON array, each of which must be an object. */
  static List<Map<String, ?>> objects(@Nullable Object json, String name) {
    if (json == null) {
      return List.of();
    }
    if (!(json instanceof List<?> list)) {
      throw PlacementException.content(name + " is not an array");
    }
    List<Map<String, ?>> objects = new ArrayList<>();
    for (Object one : list) {
      if (!(one instanceof Map<?, ?> map)) {
        throw PlacementException.content(name + " has a member that is not an object");
      }
      Map<String, Object> typed = new LinkedHashMap<>();
      map.forEach((key, value) -> {
        if (value != null) {
          typed.put(String.valueOf(key), value);
        }
      });
      objects.add(typed);
    }
    return objects;
  }
}
