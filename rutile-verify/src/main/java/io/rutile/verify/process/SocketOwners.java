package io.rutile.verify.process;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;

/**
 * Finds out which process holds the local end of a TCP connection, from Linux's {@code /proc}.
 * Stateless.
 */
final class SocketOwners {
  private static final int LOCAL_ADDRESS = 1;
  private static final int INODE = 9;

  private SocketOwners() {}

  /** Whether the process has a connection whose local port is {@code port}. */
  static boolean owns(long pid, int port) {
    try {
      for (String inode : inodes(port)) {
        if (holds(pid, "socket:[" + inode + "]")) {
          return true;
        }
      }
      return false;
    } catch (IOException e) {
      return false; // the process has ended
    }
  }

  private static List<String> inodes(int port) throws IOException {
    String suffix = String.format(Locale.ROOT, ":%04X", port);
    List<String> found = new java.util.ArrayList<>();
    for (String table : List.of("/proc/net/tcp", "/proc/net/tcp6")) {
      for (String line : Files.readAllLines(Path.of(table))) {
        String[] fields = line.trim().split("\\s+");
        if (fields.length > INODE && fields[LOCAL_ADDRESS].endsWith(suffix)) {
          found.add(fields[INODE]);
        }
      }
    }
    return found;
  }

  private static boolean holds(long pid, String socket) throws IOException {
    try (DirectoryStream<Path> descriptors =
        Files.newDirectoryStream(Path.of("/proc/" + pid + "/fd"))) {
      for (Path descriptor : descriptors) {
        if (Files.isSymbolicLink(descriptor) && target(descriptor).equals(socket)) {
          return true;
        }
      }
      return false;
    }
  }

  private static String target(Path descriptor) {
    try {
      return Files.readSymbolicLink(descriptor).toString();
    } catch (IOException e) {
      return ""; // closed meanwhile
    }
  }
}
