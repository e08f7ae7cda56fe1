package io.rutile.base.log;

import java.util.HexFormat;

/**
 * How user data appears in the log, {@code security.redact-info-log}: whoever may read the log may
 * not be allowed to read the data. Set once at start or changed while running; read by any thread.
 */
public final class Redaction {
  /** What a key or value becomes. */
  public enum Mode {
    /** Hexadecimal. */
    OFF,
    /** A question mark. */
    ON,
    /** Hexadecimal between marks that a later tool can replace. */
    MARKER;

    /** As in the configuration: false, true or marker. */
    public static Mode of(String text) {
      return switch (text) {
        case "false" -> OFF;
        case "true" -> ON;
        case "marker" -> MARKER;
        default ->
            throw new IllegalArgumentException(
                "\"" + text + "\" is not a redaction mode: one of false, true, marker");
      };
    }
  }

  private static volatile Mode mode = Mode.OFF;

  private Redaction() {}

  public static void set(Mode changed) {
    mode = changed;
  }

  /** A user's key or value as it may be logged. */
  public static String key(byte[] key) {
    return switch (mode) {
      case OFF -> HexFormat.of().withUpperCase().formatHex(key);
      case ON -> "?";
      case MARKER -> "‹" + HexFormat.of().withUpperCase().formatHex(key) + "›";
    };
  }
}
