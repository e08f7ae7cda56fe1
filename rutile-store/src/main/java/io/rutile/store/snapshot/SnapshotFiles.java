package io.rutile.store.snapshot;

import com.google.protobuf.InvalidProtocolBufferException;
import io.rutile.base.error.CorruptionException;
import io.rutile.base.error.ErrorCategory;
import io.rutile.base.error.RutileException;
import io.rutile.engine.api.Cf;
import io.rutile.proto.eraftpb.Snapshot;
import io.rutile.proto.raftserverpb.RaftSnapshotData;
import io.rutile.proto.raftserverpb.SnapshotCFFile;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import java.util.zip.CRC32;

/**
 * Names and contents of the files of one snapshot: one SST file for each column family that has
 * keys. Their names carry region, term and index, so that the files of a snapshot can be found
 * again after a restart from the apply state alone.
 */
public final class SnapshotFiles {
  private static final int COPY_BYTES = 256 * 1024;

  /** Which side made the files. */
  public enum Kind {
    /** Built here for another store. */
    OUTGOING("gen"),
    /** Received from another store. */
    INCOMING("rev");

    private final String prefix;

    Kind(String prefix) {
      this.prefix = prefix;
    }
  }

  /** A snapshot could not be written, read or checked. */
  public static final class SnapshotException extends RutileException {
    SnapshotException(String message) {
      super("KV:Raftstore:Snapshot", ErrorCategory.RETRY_LATER, message);
    }

    SnapshotException(String message, Throwable cause) {
      super("KV:Raftstore:Snapshot", ErrorCategory.RETRY_LATER, message, cause);
    }
  }

  private SnapshotFiles() {}

  public static Path file(Path directory, Kind kind, String key, Cf cf) {
    return directory.resolve(kind.prefix + "_" + key + "_" + cf.wireName() + ".sst");
  }

  /** What the files of one snapshot have in common in their names. */
  public static String key(long regionId, long term, long index) {
    return regionId + "_" + term + "_" + index;
  }

  public static RaftSnapshotData dataOf(Snapshot snapshot) {
    try {
      return RaftSnapshotData.parseFrom(snapshot.getData());
    } catch (InvalidProtocolBufferException e) {
      throw new CorruptionException(
          "KV:Raftstore:Snapshot", "the description of a snapshot cannot be decoded", e);
    }
  }

  static SnapshotCFFile describe(Path file, Cf cf) {
    CRC32 crc = new CRC32();
    long size = 0;
    try (FileChannel in = FileChannel.open(file, StandardOpenOption.READ)) {
      var buffer = java.nio.ByteBuffer.allocate(COPY_BYTES);
      while (in.read(buffer) > 0) {
        buffer.flip();
        size += buffer.remaining();
        crc.update(buffer);
        buffer.clear();
      }
    } catch (IOException e) {
      throw new SnapshotException("cannot read " + file, e);
    }
    return SnapshotCFFile.newBuilder()
        .setCf(cf.wireName())
        .setSize(size)
        .setChecksum((int) crc.getValue())
        .build();
  }

  /** Checks that a file is what its sender described. */
  static void verify(Path file, SnapshotCFFile wanted) {
    SnapshotCFFile found = describe(file, familyOf(wanted));
    if (found.getSize() != wanted.getSize() || found.getChecksum() != wanted.getChecksum()) {
      throw new SnapshotException(
          file
              + " has "
              + found.getSize()
              + " bytes and checksum "
              + Integer.toUnsignedString(found.getChecksum())
              + ", but was announced with "
              + wanted.getSize()
              + " and "
              + Integer.toUnsignedString(wanted.getChecksum()));
    }
  }

  static Cf familyOf(SnapshotCFFile file) {
    return Cf.ofWireName(file.getCf())
        .orElseThrow(
            () -> new SnapshotException("a snapshot names the unknown family " + file.getCf()));
  }

  /** Removes all files of a snapshot. */
  public static void delete(Path directory, Kind kind, String key) {
    for (Cf cf : Cf.data()) {
      try {
        Files.deleteIfExists(file(directory, kind, key, cf));
      } catch (IOException e) {
        throw new SnapshotException("cannot remove a snapshot file of " + key, e);
      }
    }
  }

  /** Removes files that no peer can need any more: everything but what {@code keep} names. */
  public static void deleteAllBut(Path directory, List<String> keep) {
    List<Path> found = new ArrayList<>();
    try (Stream<Path> files = Files.list(directory)) {
      files.forEach(found::add);
      for (Path file : found) {
        String name = file.getFileName().toString();
        if (keep.stream()
            .noneMatch(key -> name.startsWith(Kind.INCOMING.prefix + "_" + key + "_"))) {
          Files.deleteIfExists(file);
        }
      }
    } catch (IOException e) {
      throw new SnapshotException("cannot tidy " + directory, e);
    }
  }
}
