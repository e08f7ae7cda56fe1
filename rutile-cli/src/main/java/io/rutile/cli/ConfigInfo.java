package io.rutile.cli;

import io.rutile.base.config.ConfigItem;
import io.rutile.base.config.ConfigMapper;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;

/** What {@code --config-info json} prints: every item with its default and its value in force. */
final class ConfigInfo {
  private ConfigInfo() {}

  static <T extends Record> String json(ConfigMapper<T> mapper, T config, String version) {
    Map<String, @Nullable Object> defaults = mapper.values(mapper.defaults());
    Map<String, @Nullable Object> values = mapper.values(config);
    List<Map<String, @Nullable Object>> parameters = new ArrayList<>();
    for (ConfigItem item : mapper.items()) {
      Map<String, @Nullable Object> parameter = new LinkedHashMap<>();
      parameter.put("Name", item.key());
      parameter.put("DefaultValue", ConfigMapper.shown(defaults.get(item.key())));
      parameter.put("ValueInFile", ConfigMapper.shown(values.get(item.key())));
      parameters.add(parameter);
    }
    Map<String, Object> info = new LinkedHashMap<>();
    info.put("Version", version);
    info.put("Parameters", parameters);
    return JsonMapper.shared().writerWithDefaultPrettyPrinter().writeValueAsString(info);
  }
}
