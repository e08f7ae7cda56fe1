package io.rutile.base.log;

import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.IThrowableProxy;
import ch.qos.logback.classic.spi.ThrowableProxyUtil;
import ch.qos.logback.core.encoder.EncoderBase;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import org.jspecify.annotations.Nullable;
import org.slf4j.event.KeyValuePair;

/**
 * Writes an event as one line of the unified log format, which TiDB's log search parses:
 *
 * <pre>[2019/11/30 12:00:00.000 +08:00] [INFO] [File.java:123] ["a message"] [key=value]</pre>
 *
 * or as one JSON object. Fields are the event's key-value pairs; an exception becomes the fields
 * {@code error} and {@code stack}, so that an event is one line whatever it carries. Texts with
 * spaces, quotes, brackets or equals signs are written as JSON strings. Stateless.
 */
final class LineEncoder extends EncoderBase<ILoggingEvent> {
  private static final DateTimeFormatter TIME =
      DateTimeFormatter.ofPattern("yyyy/MM/dd HH:mm:ss.SSS xxx");
  private static final String UNKNOWN_CALLER = "<unknown>";

  private final boolean json;
  private final boolean timestamp;
  private final DateTimeFormatter time;

  LineEncoder(boolean json, boolean timestamp) {
    this.json = json;
    this.timestamp = timestamp;
    this.time = TIME.withZone(ZoneId.systemDefault());
  }

  @Override
  public byte[] headerBytes() {
    return new byte[0];
  }

  @Override
  public byte[] footerBytes() {
    return new byte[0];
  }

  @Override
  public byte[] encode(ILoggingEvent event) {
    StringBuilder line = new StringBuilder(160);
    Sink sink = json ? new JsonSink(line) : new TextSink(line);
    if (timestamp) {
      sink.head("time", time.format(Instant.ofEpochMilli(event.getTimeStamp())));
    }
    sink.head("level", level(event));
    sink.head("caller", caller(event));
    sink.text("message", String.valueOf(event.getFormattedMessage()));
    if (event.getKeyValuePairs() != null) {
      for (KeyValuePair pair : event.getKeyValuePairs()) {
        sink.text(pair.key, String.valueOf(pair.value));
      }
    }
    IThrowableProxy thrown = event.getThrowableProxy();
    if (thrown != null) {
      String message = thrown.getMessage();
      sink.text("error", thrown.getClassName() + (message == null ? "" : ": " + message));
      sink.text("stack", ThrowableProxyUtil.asString(thrown));
    }
    sink.text("thread", event.getThreadName());
    sink.end();
    return line.toString().getBytes(StandardCharsets.UTF_8);
  }

  private static String level(ILoggingEvent event) {
    return Logging.isFatal(event.getMarkerList()) ? "FATAL" : event.getLevel().toString();
  }

  private static String caller(ILoggingEvent event) {
    StackTraceElement @Nullable [] frames = event.getCallerData();
    if (frames == null || frames.length == 0 || frames[0].getFileName() == null) {
      return UNKNOWN_CALLER;
    }
    return frames[0].getFileName() + ":" + frames[0].getLineNumber();
  }

  private interface Sink {
    /** A part that is never quoted in the text format. */
    void head(String name, String value);

    void text(String name, String value);

    void end();
  }

  private record TextSink(StringBuilder line) implements Sink {
    @Override
    public void head(String name, String value) {
      separate();
      line.append('[').append(value).append(']');
    }

    @Override
    public void text(String name, String value) {
      separate();
      line.append('[');
      if (!name.equals("message")) {
        quoted(name);
        line.append('=');
      }
      quoted(value);
      line.append(']');
    }

    @Override
    public void end() {
      line.append('\n');
    }

    private void separate() {
      if (!line.isEmpty()) {
        line.append(' ');
      }
    }

    private void quoted(String text) {
      if (needsQuotes(text)) {
        JsonSink.string(text, line);
      } else {
        line.append(text);
      }
    }

    private static boolean needsQuotes(String text) {
      for (int i = 0; i < text.length(); i++) {
        char c = text.charAt(i);
        if (c <= ' ' || c == '"' || c == '=' || c == '[' || c == ']') {
          return true;
        }
      }
      return text.isEmpty();
    }
  }

  private record JsonSink(StringBuilder line) implements Sink {
    @Override
    public void head(String name, String value) {
      text(name, value);
    }

    @Override
    public void text(String name, String value) {
      line.append(line.isEmpty() ? '{' : ',');
      string(name, line);
      line.append(':');
      string(value, line);
    }

    @Override
    public void end() {
      line.append("}\n");
    }

    static void string(String text, StringBuilder into) {
      into.append('"');
      for (int i = 0; i < text.length(); i++) {
        char c = text.charAt(i);
        switch (c) {
          case '"', '\\' -> into.append('\\').append(c);
          case '\n' -> into.append("\\n");
          case '\r' -> into.append("\\r");
          case '\t' -> into.append("\\t");
          default -> {
            if (c < ' ') {
              into.append(String.format("\\u%04x", (int) c));
            } else {
              into.append(c);
            }
          }
        }
      }
      into.append('"');
    }
  }
}
