package io.rutile.store.snapshot;

import io.rutile.engine.api.Cf;
import io.rutile.proto.raftserverpb.SnapshotCFFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Writes the files of an incoming snapshot as its description divides the stream, checks them, and
 * only then hands the snapshot on. Used by one thread at a time.
 */
public final class FileSnapshotSink implements SnapshotSink {
  private final Path directory;
  private final String key;
  private final List<SnapshotCFFile> files;
  private final Runnable received;
  private int at = -1;
  private long left;
  private @Nullable FileChannel out;

  /**
   * @param received runs when all files are complete, checked and on disk
   */
  public FileSnapshotSink(
      Path directory, String key, List<SnapshotCFFile> files, Runnable received) {
    this.directory = directory;
    this.key = key;
    this.files = files;
    this.received = received;
  }

  @Override
  public void write(byte[] chunk) {
    ByteBuffer bytes = ByteBuffer.wrap(chunk);
    try {
      while (bytes.hasRemaining()) {
        FileChannel current = current();
        int take = (int) Math.min(left, bytes.remaining());
        ByteBuffer slice = bytes.slice(bytes.position(), take);
        while (slice.hasRemaining()) {
          current.write(slice);
        }
        bytes.position(bytes.position() + take);
        left -= take;
      }
    } catch (IOException e) {
      throw new SnapshotFiles.SnapshotException("cannot write snapshot " + key, e);
    }
  }

  private FileChannel current() throws IOException {
    FileChannel open = out;
    while (open == null || left == 0) {
      finishFile();
      at++;
      if (at >= files.size()) {
        throw new SnapshotFiles.SnapshotException("snapshot " + key + " is longer than announced");
      }
      left = files.get(at).getSize();
      open =
          FileChannel.open(
              path(at),
              StandardOpenOption.CREATE,
              StandardOpenOption.TRUNCATE_EXISTING,
              StandardOpenOption.WRITE);
      out = open;
    }
    return open;
  }

  private Path path(int index) {
    Cf cf = SnapshotFiles.familyOf(files.get(index));
    return SnapshotFiles.file(directory, SnapshotFiles.Kind.INCOMING, key, cf);
  }

  private void finishFile() throws IOException {
    FileChannel open = out;
    if (open != null) {
      open.force(true);
      open.close();
      out = null;
    }
  }

  @Override
  public void complete() {
    try {
      finishFile();
      if (left != 0 || at < files.size() - 1) {
        throw new SnapshotFiles.SnapshotException("snapshot " + key + " ended too early");
      }
      for (int i = 0; i < files.size(); i++) {
        SnapshotFiles.verify(path(i), files.get(i));
      }
    } catch (IOException e) {
      throw new SnapshotFiles.SnapshotException("cannot write snapshot " + key, e);
    }
    received.run();
  }

  @Override
  public void abort() {
    try {
      finishFile();
    } catch (IOException e) {
      throw new SnapshotFiles.SnapshotException("cannot close snapshot " + key, e);
    } finally {
      SnapshotFiles.delete(directory, SnapshotFiles.Kind.INCOMING, key);
    }
  }
}
