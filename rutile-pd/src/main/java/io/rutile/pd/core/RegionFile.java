package io.rutile.pd.core;

import com.google.protobuf.InvalidProtocolBufferException;
import io.rutile.base.error.CorruptionException;
import io.rutile.proto.metapb.Region;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Consumer;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * {@link RegionStorage} in one append-only file: records of length, CRC32C, region id and the
 * metadata, an empty one meaning deleted. When more than half of the file is out of date it is
 * rewritten beside and renamed over. A torn or damaged tail is cut: it costs the regions in it a
 * heartbeat.
 */
public final class RegionFile implements RegionStorage {
  private static final Logger LOG = LoggerFactory.getLogger(RegionFile.class);

  /** Length, checksum and region id. */
  private static final int HEADER_BYTES = Integer.BYTES + Integer.BYTES + Long.BYTES;

  private static final int MAX_RECORD_BYTES = 16 << 20;
  private static final int BUFFER_BYTES = 256 << 10;

  /** Below this size rewriting is not worth it. */
  private static final long MIN_REWRITE_BYTES = 4 << 20;

  private final Path file;
  private final Map<Long, Region> live = new HashMap<>();
  private final ByteBuffer buffer = ByteBuffer.allocate(BUFFER_BYTES);
  private FileChannel channel;
  private long fileBytes;
  private long liveBytes;

  /**
   * Opens or creates the file.
   *
   * @throws UncheckedIOException when it cannot be read or written
   */
  public RegionFile(Path file) {
    this.file = file;
    try {
      Files.createDirectories(file.toAbsolutePath().getParent());
      channel = open(file);
      recover();
    } catch (IOException e) {
      throw new UncheckedIOException("region metadata " + file + ": " + e.getMessage(), e);
    }
  }

  private static FileChannel open(Path path) throws IOException {
    return FileChannel.open(
        path, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
  }

  private void recover() throws IOException {
    byte[] content = Files.readAllBytes(file);
    ByteBuffer in = ByteBuffer.wrap(content);
    int valid = 0;
    try {
      while (in.remaining() >= HEADER_BYTES) {
        readRecord(in);
        valid = in.position();
      }
    } catch (CorruptionException e) {
      LOG.warn("region metadata {} is damaged at byte {}: {}", file, valid, e.getMessage());
    }
    channel.truncate(valid);
    channel.position(valid);
    fileBytes = valid;
  }

  private void readRecord(ByteBuffer in) {
    int length = in.getInt();
    int checksum = in.getInt();
    long id = in.getLong();
    if (length < 0 || length > MAX_RECORD_BYTES || length > in.remaining()) {
      throw new CorruptionException("PD:region:ErrRegionFile", "record of length " + length);
    }
    byte[] body = new byte[length];
    in.get(body);
    if (checksum(id, body) != checksum) {
      throw new CorruptionException("PD:region:ErrRegionFile", "checksum does not match");
    }
    try {
      remember(id, body.length == 0 ? null : Region.parseFrom(body), length);
    } catch (InvalidProtocolBufferException e) {
      throw new CorruptionException("PD:region:ErrRegionFile", "not a region", e);
    }
  }

  private void remember(long id, @Nullable Region region, int bodyBytes) {
    Region old = region == null ? live.remove(id) : live.put(id, region);
    if (old != null) {
      liveBytes -= HEADER_BYTES + old.getSerializedSize();
    }
    if (region != null) {
      liveBytes += HEADER_BYTES + bodyBytes;
    }
  }

  private static int checksum(long id, byte[] body) {
    CRC32C crc = new CRC32C();
    crc.update(ByteBuffer.allocate(Long.BYTES).putLong(id).flip());
    crc.update(body);
    return (int) crc.getValue();
  }

  @Override
  public void load(Consumer<Region> consumer) {
    live.values().forEach(consumer);
  }

  @Override
  public void save(Region region) {
    byte[] body = region.toByteArray();
    append(region.getId(), body);
    remember(region.getId(), region, body.length);
  }

  @Override
  public void delete(long regionId) {
    append(regionId, new byte[0]);
    remember(regionId, null, 0);
  }

  private void append(long id, byte[] body) {
    int total = HEADER_BYTES + body.length;
    if (total > buffer.remaining()) {
      flush();
    }
    if (total > buffer.capacity()) {
      write(record(ByteBuffer.allocate(total), id, body).flip());
    } else {
      record(buffer, id, body);
    }
    fileBytes += total;
  }

  private static ByteBuffer record(ByteBuffer into, long id, byte[] body) {
    return into.putInt(body.length).putInt(checksum(id, body)).putLong(id).put(body);
  }

  @Override
  public void flush() {
    if (buffer.position() > 0) {
      write(buffer.flip());
      buffer.clear();
    }
    if (fileBytes > MIN_REWRITE_BYTES && fileBytes > 2 * liveBytes) {
      rewrite();
    }
  }

  private void write(ByteBuffer bytes) {
    try {
      while (bytes.hasRemaining()) {
        channel.write(bytes);
      }
    } catch (IOException e) {
      throw new UncheckedIOException("region metadata " + file + ": " + e.getMessage(), e);
    }
  }

  private void rewrite() {
    Path fresh = file.resolveSibling(file.getFileName() + ".new");
    try {
      Files.deleteIfExists(fresh);
      channel.close();
      channel = open(fresh);
      fileBytes = 0;
      for (Region region : live.values()) {
        append(region.getId(), region.toByteArray());
      }
      if (buffer.position() > 0) {
        write(buffer.flip());
        buffer.clear();
      }
      channel.force(false);
      Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      throw new UncheckedIOException("region metadata " + fresh + ": " + e.getMessage(), e);
    }
  }

  @Override
  public void close() {
    try {
      flush();
      channel.close();
    } catch (IOException e) {
      throw new UncheckedIOException("region metadata " + file + ": " + e.getMessage(), e);
    }
  }
}
