package io.rutile.profiler;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Path;
import one.convert.Arguments;
import one.convert.JfrToFlame;
import one.convert.JfrToPprof;
import one.jfr.JfrReader;

/**
 * A finished CPU profile in the two forms that people and tools read. Immutable.
 *
 * <p>Both forms are rendered when the report is read, since the recording is gone afterwards.
 */
public final class ProfileReport {
  private final byte[] flameGraph;
  private final byte[] pprof;

  private ProfileReport(byte[] flameGraph, byte[] pprof) {
    this.flameGraph = flameGraph;
    this.pprof = pprof;
  }

  static ProfileReport read(Path recording) throws IOException {
    String file = recording.toString();
    ByteArrayOutputStream flame = new ByteArrayOutputStream();
    ByteArrayOutputStream pprof = new ByteArrayOutputStream();
    try (JfrReader reader = new JfrReader(file)) {
      JfrToFlame converter =
          new JfrToFlame(reader, new Arguments("--title", "CPU profile", "--threads"));
      converter.convert();
      converter.dump(flame);
    }
    try (JfrReader reader = new JfrReader(file)) {
      JfrToPprof converter = new JfrToPprof(reader, new Arguments());
      converter.convert();
      converter.dump(pprof);
    }
    return new ProfileReport(flame.toByteArray(), pprof.toByteArray());
  }

  /** A self-contained interactive page (UTF-8 HTML): thread, then frames from the bottom up. */
  public byte[] flameGraph() {
    return flameGraph.clone();
  }

  /** A profile message of the pprof format, not compressed. */
  public byte[] pprof() {
    return pprof.clone();
  }
}
