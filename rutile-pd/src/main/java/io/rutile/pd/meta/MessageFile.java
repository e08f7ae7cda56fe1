package io.rutile.pd.meta;

import com.google.protobuf.MessageLite;
import com.google.protobuf.Parser;
import io.rutile.base.error.CorruptionException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * One message in one file: 8 bytes of magic, CRC32C, then the message. A new one is written beside,
 * synced and renamed over, so that a crash leaves the old or the new one.
 */
public final class MessageFile<M extends MessageLite> {
  /** Magic of the state machine's newest snapshot. */
  public static final long SNAPSHOT = 0x52_55_54_50_44_53_30_31L; // RUTPDS01

  /** Magic of a member's identity. */
  public static final long IDENTITY = 0x52_55_54_50_44_49_30_31L; // RUTPDI01

  private static final int HEADER_BYTES = Long.BYTES + Integer.BYTES;

  private final Path file;
  private final long magic;
  private final Parser<M> parser;

  public MessageFile(Path file, long magic, Parser<M> parser) {
    this.file = file;
    this.magic = magic;
    this.parser = parser;
  }

  /**
   * The message, null when there is none yet.
   *
   * @throws CorruptionException naming the file when it is not what was written
   */
  public @Nullable M load() {
    try {
      if (!Files.exists(file)) {
        return null;
      }
      ByteBuffer in = ByteBuffer.wrap(Files.readAllBytes(file));
      if (in.remaining() < HEADER_BYTES || in.getLong() != magic) {
        throw corrupt("is not a file of this kind and version");
      }
      int expected = in.getInt();
      if (checksum(in.slice()) != expected) {
        throw corrupt("checksum does not match");
      }
      return parser.parseFrom(in);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read " + file, e);
    }
  }

  /** Size of the file, 0 when there is none. */
  long bytes() {
    try {
      return Files.size(file);
    } catch (NoSuchFileException e) {
      return 0;
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read " + file, e);
    }
  }

  private CorruptionException corrupt(String what) {
    return new CorruptionException("PD:etcd:ErrSnapshotCorrupt", file + " " + what);
  }

  public void save(M message) {
    Path fresh = file.resolveSibling(file.getFileName() + ".new");
    ByteBuffer body = message.toByteString().asReadOnlyByteBuffer();
    ByteBuffer header =
        ByteBuffer.allocate(HEADER_BYTES).putLong(magic).putInt(checksum(body.slice())).flip();
    try {
      try (FileChannel out =
          FileChannel.open(
              fresh,
              StandardOpenOption.CREATE,
              StandardOpenOption.TRUNCATE_EXISTING,
              StandardOpenOption.WRITE)) {
        write(out, header);
        write(out, body);
        out.force(true);
      }
      Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
      try (FileChannel directory =
          FileChannel.open(file.toAbsolutePath().getParent(), StandardOpenOption.READ)) {
        directory.force(true);
      }
    } catch (IOException e) {
      throw new UncheckedIOException("cannot write " + file, e);
    }
  }

  private static void write(FileChannel out, ByteBuffer bytes) throws IOException {
    while (bytes.hasRemaining()) {
      out.write(bytes);
    }
  }

  private static int checksum(ByteBuffer bytes) {
    CRC32C crc = new CRC32C();
    crc.update(bytes);
    return (int) crc.getValue();
  }
}
