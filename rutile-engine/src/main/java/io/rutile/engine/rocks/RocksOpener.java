package io.rutile.engine.rocks;

import io.rutile.engine.api.Cf;
import io.rutile.engine.api.EngineException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.rocksdb.ColumnFamilyDescriptor;
import org.rocksdb.ColumnFamilyHandle;
import org.rocksdb.Options;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksDBException;

/**
 * Opens the database of an engine directory and refuses what is not one: a directory of another
 * program, or families other than {@link Cf}, whose numbers write batches rely on.
 */
final class RocksOpener {
  /** Says whose directory it is and in which form. */
  private static final String FORMAT_FILE = "RUTILE";

  private static final String FORMAT = "rutile-engine 1\n";

  private RocksOpener() {}

  /** An open database and its families by the ordinal of {@link Cf}. */
  record Opened(RocksDB database, ColumnFamilyHandle[] families) {}

  static Opened open(Path path, RocksOptions options) {
    boolean exists = Files.exists(path.resolve("CURRENT"));
    try {
      Files.createDirectories(path);
      if (exists) {
        requireOwnFormat(path);
        requireOwnFamilies(path);
      } else {
        Files.writeString(path.resolve(FORMAT_FILE), FORMAT);
      }
    } catch (IOException e) {
      throw new EngineException(EngineException.Kind.IO, path + ": " + e.getMessage(), e);
    }
    List<ColumnFamilyDescriptor> wanted = new ArrayList<>();
    for (Cf cf : Cf.values()) {
      wanted.add(new ColumnFamilyDescriptor(name(cf), options.family(cf)));
    }
    List<ColumnFamilyHandle> handles = new ArrayList<>();
    try {
      RocksDB database = RocksDB.open(options.database(), path.toString(), wanted, handles);
      Opened opened = new Opened(database, handles.toArray(ColumnFamilyHandle[]::new));
      requireNumbers(path, opened);
      return opened;
    } catch (RocksDBException e) {
      throw RocksErrors.translate(path + ": the engine cannot be opened", e);
    }
  }

  private static void requireOwnFormat(Path path) throws IOException {
    Path file = path.resolve(FORMAT_FILE);
    if (!Files.exists(file)) {
      throw refused(path, "a RocksDB directory of another program (no file " + FORMAT_FILE + ")");
    }
    String found = Files.readString(file, StandardCharsets.ISO_8859_1);
    if (!found.equals(FORMAT)) {
      throw refused(
          file, "format \"" + found.strip() + "\", this program reads \"" + FORMAT.strip() + "\"");
    }
  }

  private static void requireOwnFamilies(Path path) {
    Set<String> expected = new TreeSet<>();
    for (Cf cf : Cf.values()) {
      expected.add(cf.wireName());
    }
    Set<String> found = new TreeSet<>();
    try (Options listing = new Options()) {
      for (byte[] name : RocksDB.listColumnFamilies(listing, path.toString())) {
        found.add(new String(name, StandardCharsets.UTF_8));
      }
    } catch (RocksDBException e) {
      throw RocksErrors.translate(path + ": the engine cannot be opened", e);
    }
    if (found.isEmpty()) {
      throw new EngineException(
          EngineException.Kind.CORRUPTION,
          path.resolve("CURRENT") + ": names no manifest that can be read");
    }
    if (!found.equals(expected)) {
      throw refused(path, "column families " + found + " instead of " + expected);
    }
  }

  private static void requireNumbers(Path path, Opened opened) {
    for (Cf cf : Cf.values()) {
      int number = opened.families[cf.ordinal()].getID();
      if (number != cf.ordinal()) {
        RocksKvEngine.closeAll(List.of(opened.families));
        opened.database.close();
        throw refused(path, "column family " + cf.wireName() + " has number " + number);
      }
    }
  }

  private static EngineException refused(Path path, String why) {
    return new EngineException(EngineException.Kind.INVALID_ARGUMENT, path + ": " + why);
  }

  private static byte[] name(Cf cf) {
    return cf.wireName().getBytes(StandardCharsets.UTF_8);
  }
}
