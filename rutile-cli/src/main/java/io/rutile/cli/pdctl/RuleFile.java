package io.rutile.cli.pdctl;

import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** Files of placement rules, as an administrator edits them. Stateless. */
final class RuleFile {
  private static final JsonMapper JSON = JsonMapper.shared();

  private RuleFile() {}

  private static JsonNode parse(String text) {
    try {
      return JSON.readTree(text);
    } catch (JacksonException e) {
      throw new PdCtlException("the file is not JSON: " + e.getOriginalMessage());
    }
  }

  /** A rule is put; one whose count is 0 is removed. */
  static String toOperations(String text) {
    if (!(parse(text) instanceof ArrayNode rules)) {
      throw new PdCtlException("the file is not an array of rules");
    }
    for (JsonNode rule : rules) {
      if (!(rule instanceof ObjectNode object)) {
        throw new PdCtlException("not a rule: " + rule);
      }
      object.put("action", rule.path("count").asInt(0) > 0 ? "add" : "del");
    }
    return JSON.writeValueAsString(rules);
  }

  static String groupOf(String bundle) {
    String group = parse(bundle).path("group_id").asString("");
    if (group.isEmpty()) {
      throw new PdCtlException("the file has no group_id");
    }
    return group;
  }
}
