package io.rutile.txn.raw;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/**
 * CRC-64/XZ: the reflected ECMA-182 polynomial, all ones in and out. Eight bytes a step through
 * eight tables.
 */
public final class Crc64 {
  private static final long POLYNOMIAL = 0xC96C5795D7870F42L;
  private static final int SLICES = 8;
  private static final long[][] TABLES = tables();
  private static final VarHandle LONGS =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

  private long crc = -1L;

  private static long[][] tables() {
    long[][] tables = new long[SLICES][256];
    for (int i = 0; i < 256; i++) {
      long crc = i;
      for (int bit = 0; bit < Byte.SIZE; bit++) {
        crc = (crc >>> 1) ^ ((crc & 1) == 0 ? 0 : POLYNOMIAL);
      }
      tables[0][i] = crc;
    }
    for (int slice = 1; slice < SLICES; slice++) {
      for (int i = 0; i < 256; i++) {
        long previous = tables[slice - 1][i];
        tables[slice][i] = tables[0][(int) (previous & 0xFF)] ^ (previous >>> Byte.SIZE);
      }
    }
    return tables;
  }

  public Crc64 update(byte[] bytes) {
    long value = crc;
    int at = 0;
    for (; at + SLICES <= bytes.length; at += SLICES) {
      long word = value ^ (long) LONGS.get(bytes, at);
      value = 0;
      for (int slice = 0; slice < SLICES; slice++) {
        value ^= TABLES[SLICES - 1 - slice][(int) (word >>> (slice * Byte.SIZE)) & 0xFF];
      }
    }
    for (; at < bytes.length; at++) {
      value = TABLES[0][(int) (value ^ bytes[at]) & 0xFF] ^ (value >>> Byte.SIZE);
    }
    crc = value;
    return this;
  }

  public long value() {
    return ~crc;
  }

  public void reset() {
    crc = -1L;
  }
}
