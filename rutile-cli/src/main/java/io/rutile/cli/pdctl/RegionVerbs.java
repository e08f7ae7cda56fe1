package io.rutile.cli.pdctl;

import io.rutile.base.codec.MemComparable;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.Locale;

/** Verbs about regions. */
final class RegionVerbs {
  private static final String V1 = "/pd/api/v1";
  private static final String REGIONS = V1 + "/regions";

  private RegionVerbs() {}

  static void addTo(VerbTable table) {
    table
        .add("region", "[<id>]", "show all regions or one", RegionVerbs::show)
        .add(
            "region key",
            "[--format=raw|encode|hex] <key>",
            "show the region of a key",
            (pd, a) -> pd.get(V1 + "/region/key/" + key(a, a.text(0)) + "?format=hex"))
        .add(
            "region keys",
            "[--format=raw|encode|hex] <start> [<end>] [<limit>]",
            "show regions from a key on",
            (pd, a) ->
                pd.get(
                    REGIONS
                        + "/key?format=hex&key="
                        + key(a, a.text(0))
                        + "&end_key="
                        + key(a, a.text(1, ""))
                        + "&limit="
                        + a.text(2, "16")))
        .add(
            "region store",
            "<store id>",
            "show regions on a store",
            (pd, a) -> pd.get(REGIONS + "/store/" + a.number(0)))
        .add(
            "region sibling",
            "<id>",
            "show neighbours",
            (pd, a) -> pd.get(REGIONS + "/sibling/" + a.number(0)))
        .add(
            "region check",
            "miss-peer|extra-peer|down-peer|pending-peer|learner-peer|empty-region",
            "show regions in a state",
            (pd, a) -> pd.get(REGIONS + "/check/" + PdHttp.encode(a.text(0))))
        .add("region range-holes", "", "show gaps", (pd, a) -> pd.get(REGIONS + "/range-holes"))
        .add(
            "region topread",
            "[byte|query] [<limit>]",
            "show those read most",
            (pd, a) -> traffic(pd, a, "read"))
        .add(
            "region topwrite",
            "[byte|query] [<limit>]",
            "show those written most",
            (pd, a) -> traffic(pd, a, "write"));
    for (String by : new String[] {"confver", "version", "size", "keys", "cpu"}) {
      table.add(
          "region top" + by,
          "[<limit>]",
          "show those with the greatest",
          (pd, a) -> pd.get(REGIONS + "/" + by + "?limit=" + a.text(0, "16")));
    }
  }

  private static String show(PdHttp pd, Arguments arguments) {
    return arguments.has(0) ? pd.get(V1 + "/region/id/" + arguments.number(0)) : pd.get(REGIONS);
  }

  private static String traffic(PdHttp pd, Arguments arguments, String direction) {
    boolean named = arguments.has(0) && !Character.isDigit(arguments.text(0).charAt(0));
    String by = named ? arguments.text(0) : "byte";
    String page =
        switch (by) {
          case "byte" -> direction + "flow";
          case "query" -> direction + "query";
          default -> throw arguments.wrong();
        };
    return pd.get(REGIONS + "/" + page + "?limit=" + arguments.text(named ? 1 : 0, "16"));
  }

  /** The key in hexadecimal. */
  private static String key(Arguments arguments, String key) {
    byte[] text = key.getBytes(StandardCharsets.UTF_8);
    String format = arguments.option("format", "hex");
    return switch (format) {
      case "raw" -> HexFormat.of().formatHex(text);
      case "encode" -> HexFormat.of().formatHex(MemComparable.encode(text));
      case "hex" -> key.toLowerCase(Locale.ROOT);
      default -> throw new PdCtlException("format must be raw, encode or hex, not " + format);
    };
  }
}
