package io.rutile.store.snapshot;

import io.rutile.proto.raftserverpb.RaftSnapshotData;
import io.rutile.proto.raftserverpb.SnapshotCFFile;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/**
 * Reads an outgoing snapshot's files in the order in which it names them, and removes them at the
 * end. Used by one thread.
 */
public final class FileSnapshotSource implements SnapshotSource {
  private final Path directory;
  private final String key;
  private final long totalBytes;
  private final ArrayDeque<Path> files = new ArrayDeque<>();
  private @Nullable InputStream open;

  public FileSnapshotSource(Path directory, String key, RaftSnapshotData data) {
    this.directory = directory;
    this.key = key;
    this.totalBytes = data.getFileSize();
    for (SnapshotCFFile file : data.getMeta().getCfFilesList()) {
      files.add(
          SnapshotFiles.file(
              directory, SnapshotFiles.Kind.OUTGOING, key, SnapshotFiles.familyOf(file)));
    }
  }

  @Override
  public long totalBytes() {
    return totalBytes;
  }

  @Override
  public byte[] read(int maxBytes) {
    try {
      while (true) {
        InputStream in = open;
        if (in == null) {
          Path next = files.poll();
          if (next == null) {
            return new byte[0];
          }
          in = Files.newInputStream(next);
          open = in;
        }
        byte[] chunk = in.readNBytes(maxBytes);
        if (chunk.length > 0) {
          return chunk;
        }
        in.close();
        open = null;
      }
    } catch (IOException e) {
      throw new SnapshotFiles.SnapshotException("cannot read snapshot " + key, e);
    }
  }

  @Override
  public void close() {
    try {
      InputStream in = open;
      if (in != null) {
        in.close();
      }
    } catch (IOException e) {
      throw new SnapshotFiles.SnapshotException("cannot close snapshot " + key, e);
    } finally {
      SnapshotFiles.delete(directory, SnapshotFiles.Kind.OUTGOING, key);
    }
  }
}
