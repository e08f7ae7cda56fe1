package io.rutile.engine.raftlog;

import java.io.Closeable;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * A file for positional reads and writes by several threads that survives an interrupt of any of
 * them. A {@link FileChannel} closes itself, for everybody, when one of its users is interrupted;
 * here such a user reopens it and does its work again, and finds the interrupt pending afterwards.
 */
final class SegmentFile implements Closeable {
  private interface Work {
    void on(FileChannel channel) throws IOException;
  }

  private final Path path;
  private volatile FileChannel channel;
  private boolean closed;

  private SegmentFile(Path path, FileChannel channel) {
    this.path = path;
    this.channel = channel;
  }

  /** Opens the file for reading and writing, making it if {@code create} and there is none. */
  static SegmentFile open(Path path, boolean create) throws IOException {
    FileChannel channel =
        create
            ? FileChannel.open(
                path, StandardOpenOption.READ, StandardOpenOption.WRITE, StandardOpenOption.CREATE)
            : FileChannel.open(path, StandardOpenOption.READ, StandardOpenOption.WRITE);
    return new SegmentFile(path, channel);
  }

  long size() throws IOException {
    long[] size = new long[1];
    uninterrupted(open -> size[0] = open.size());
    return size[0];
  }

  /** Fills the whole array from that position. */
  void read(byte[] into, long position) throws IOException {
    ByteBuffer buffer = ByteBuffer.wrap(into);
    uninterrupted(open -> {
      buffer.clear();
      while (buffer.hasRemaining()) {
        if (open.read(buffer, position + buffer.position()) < 0) {
          throw new EOFException("the file ends before " + (position + into.length));
        }
      }
    });
  }

  /** Writes all that remains in the buffer, whose position is undefined afterwards. */
  void write(ByteBuffer from, long position) throws IOException {
    int start = from.position();
    uninterrupted(open -> {
      from.position(start);
      while (from.hasRemaining()) {
        open.write(from, position + from.position() - start);
      }
    });
  }

  /** Makes the contents durable, by fdatasync. */
  void force() throws IOException {
    uninterrupted(open -> open.force(false));
  }

  @Override
  public synchronized void close() throws IOException {
    closed = true;
    channel.close();
  }

  private void uninterrupted(Work work) throws IOException {
    boolean interrupted = false;
    try {
      while (true) {
        FileChannel open = channel;
        try {
          work.on(open);
          return;
        } catch (ClosedByInterruptException e) {
          interrupted |= Thread.interrupted();
          reopen(open);
        } catch (ClosedChannelException e) {
          reopen(open);
        }
      }
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  private synchronized void reopen(FileChannel seen) throws IOException {
    if (closed) {
      throw new ClosedChannelException();
    }
    if (channel == seen) {
      channel = FileChannel.open(path, StandardOpenOption.READ, StandardOpenOption.WRITE);
    }
  }
}
