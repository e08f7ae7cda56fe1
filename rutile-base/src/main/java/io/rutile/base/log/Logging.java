package io.rutile.base.log;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.ConsoleAppender;
import ch.qos.logback.core.OutputStreamAppender;
import ch.qos.logback.core.filter.Filter;
import ch.qos.logback.core.rolling.RollingFileAppender;
import ch.qos.logback.core.spi.FilterReply;
import io.rutile.base.clock.Clock;
import io.rutile.base.config.ConfigException;
import io.rutile.base.thread.Fatal;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.Marker;

/**
 * Starts the log of this process and changes its level. It is global because slf4j is. Safe for use
 * by any thread.
 */
public final class Logging {
  /** Libraries that write far more at debug level than anybody can read beside Rutile's events. */
  private static final List<String> LIBRARIES = List.of("io.grpc", "io.netty");

  private Logging() {}

  /**
   * Sends all events where the configuration says.
   *
   * @throws ConfigException when the file cannot be written
   */
  public static void start(LogConfig config) {
    LoggerContext context = context();
    context.reset();
    LineEncoder encoder = new LineEncoder(config.format().equals("json"), config.enableTimestamp());
    encoder.setContext(context);
    encoder.start();
    OutputStreamAppender<ILoggingEvent> appender =
        config.file().filename().isEmpty() ? console(context) : file(config.file(), context);
    appender.setEncoder(encoder);
    appender.addFilter(new BelowFatal());
    appender.start();
    context.getLogger(Logger.ROOT_LOGGER_NAME).addAppender(appender);
    setLevel(config.level());
  }

  /**
   * Changes the level from now on.
   *
   * @throws IllegalArgumentException when there is no such level
   */
  public static void setLevel(String name) {
    Level level = parse(name);
    LoggerContext context = context();
    BelowFatal.fatalOnly = name.equalsIgnoreCase("fatal");
    context.getLogger(Logger.ROOT_LOGGER_NAME).setLevel(level);
    Level ofLibraries = level.isGreaterOrEqual(Level.INFO) ? level : Level.INFO;
    LIBRARIES.forEach(library -> context.getLogger(library).setLevel(ofLibraries));
  }

  /** Writes out everything and closes the file. Events that come later are lost. */
  public static void stop() {
    context().stop();
  }

  private static Level parse(String name) {
    return switch (name.toLowerCase(Locale.ROOT)) {
      case "trace" -> Level.TRACE;
      case "debug" -> Level.DEBUG;
      case "info" -> Level.INFO;
      case "warn", "warning" -> Level.WARN;
      case "error", "fatal" -> Level.ERROR;
      default ->
          throw new IllegalArgumentException(
              "\"" + name + "\" is not a level: one of trace, debug, info, warn, error, fatal");
    };
  }

  private static LoggerContext context() {
    return (LoggerContext) LoggerFactory.getILoggerFactory();
  }

  private static OutputStreamAppender<ILoggingEvent> console(LoggerContext context) {
    ConsoleAppender<ILoggingEvent> console = new ConsoleAppender<>();
    console.setContext(context);
    console.setTarget("System.err");
    return console;
  }

  private static OutputStreamAppender<ILoggingEvent> file(
      LogConfig.LogFile config, LoggerContext context) {
    Path path = Path.of(config.filename()).toAbsolutePath();
    try {
      Path parent = path.getParent();
      if (parent != null) {
        Files.createDirectories(parent);
      }
      if (Files.isDirectory(path) || (Files.exists(path) && !Files.isWritable(path))) {
        throw new ConfigException("log.file.filename = \"" + path + "\": not a writable file");
      }
    } catch (IOException e) {
      throw new ConfigException("log.file.filename = \"" + path + "\": cannot be written: " + e);
    }
    RollingFileAppender<ILoggingEvent> appender = new RollingFileAppender<>();
    SizeRotation rotation =
        new SizeRotation(
            path,
            (long) config.maxSize() << 20,
            config.maxDays(),
            config.maxBackups(),
            Clock.system());
    rotation.setContext(context);
    appender.setContext(context);
    appender.setFile(path.toString());
    appender.setRollingPolicy(rotation);
    appender.setTriggeringPolicy(rotation);
    rotation.start();
    return appender;
  }

  /** With level fatal, lets through marked events alone: the backend itself ends at error. */
  private static final class BelowFatal extends Filter<ILoggingEvent> {
    private static volatile boolean fatalOnly;

    @Override
    public FilterReply decide(ILoggingEvent event) {
      return fatalOnly && !isFatal(event.getMarkerList()) ? FilterReply.DENY : FilterReply.NEUTRAL;
    }
  }

  static boolean isFatal(@Nullable List<Marker> markers) {
    return markers != null && markers.contains(Fatal.FATAL);
  }
}
