package io.rutile.base.codec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.rutile.base.bytes.Bytes;
import io.rutile.base.error.CorruptionException;
import io.rutile.base.testing.Seeds;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CodecTest {
  private static final int ROUNDS = 3_000;

  @ParameterizedTest
  @CsvSource({
    "'', 0000000000000000f7",
    "00, 0000000000000000f8",
    "010203, 0102030000000000fa",
    "01020300, 0102030000000000fb",
    "0102030405060708, 0102030405060708ff0000000000000000f7",
    "010203040506070809, 0102030405060708ff0900000000000000f8",
    "ffffffffffffffff, ffffffffffffffffff0000000000000000f7",
  })
  void memComparableVectors(String plain, String encoded) {
    assertThat(MemComparable.encode(hex(plain))).isEqualTo(hex(encoded));
    assertThat(MemComparable.decode(hex(encoded))).isEqualTo(hex(plain));
    byte[] inverted = hex(encoded);
    for (int i = 0; i < inverted.length; i++) {
      inverted[i] ^= (byte) 0xFF;
    }
    assertThat(MemComparable.encodeDescending(hex(plain))).isEqualTo(inverted);
    assertThat(MemComparable.decodeDescending(inverted)).isEqualTo(hex(plain));
  }

  @ParameterizedTest
  @CsvSource({
    "''",
    "00000000000000f7",
    "0000000000000001f7",
    "0102030400000001fa",
    "000000000000000000",
    "0102030405060708ff",
    "0102030405060708f6",
    "0000000000000000f700",
  })
  void memComparableRefusesWhatNobodyWrote(String encoded) {
    assertThatThrownBy(() -> MemComparable.decode(hex(encoded)))
        .isInstanceOf(CorruptionException.class);
  }

  @Seeds(5)
  void memComparableKeepsOrderAndComesBack(long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    for (int i = 0; i < ROUNDS; i++) {
      byte[] a = bytes(random);
      byte[] b = random.nextInt(4) == 0 ? Arrays.copyOf(a, a.length + 1) : bytes(random);
      byte[] encoded = MemComparable.encode(a);
      assertThat(encoded).hasSize(MemComparable.encodedLength(a.length));
      assertThat(MemComparable.decode(encoded)).isEqualTo(a);
      int order = Integer.signum(Bytes.compare(a, b));
      assertThat(Integer.signum(Bytes.compare(encoded, MemComparable.encode(b)))).isEqualTo(order);
      assertThat(
              Integer.signum(
                  Bytes.compare(
                      MemComparable.encodeDescending(a), MemComparable.encodeDescending(b))))
          .isEqualTo(-order);
    }
  }

  @Seeds(5)
  void decodersThrowNothingButCorruption(long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    for (int i = 0; i < ROUNDS; i++) {
      byte[] input = bytes(random);
      ByteReader reader = new ByteReader(input);
      try {
        while (reader.hasRemaining()) {
          readSomething(reader, random.nextInt(9));
        }
      } catch (CorruptionException e) {
        assertThat(e.getMessage()).isNotBlank();
      }
      try {
        KeyCodec.decode(KeyCodec.truncateTimestamp(input));
      } catch (CorruptionException e) {
        assertThat(e.code()).startsWith("KV:Codec:");
      }
    }
  }

  private static void readSomething(ByteReader reader, int kind) {
    switch (kind) {
      case 0 -> reader.readByte();
      case 1 -> reader.readLong();
      case 2 -> reader.readVarint();
      case 3 -> reader.readSignedVarint();
      case 4 -> reader.readCompactBytes();
      case 5 -> reader.readMemComparable();
      case 6 -> reader.readComparableDouble();
      case 7 -> reader.skip(3);
      default -> reader.readBytes(2);
    }
  }

  @Test
  void numberVectors() {
    assertThat(new ByteWriter().writeLong(1).toByteArray()).isEqualTo(hex("0000000000000001"));
    assertThat(new ByteWriter().writeLongDescending(1).toByteArray())
        .isEqualTo(hex("fffffffffffffffe"));
    assertThat(new ByteWriter().writeComparableLong(-1).toByteArray())
        .isEqualTo(hex("7fffffffffffffff"));
    assertThat(new ByteWriter().writeComparableLong(1).toByteArray())
        .isEqualTo(hex("8000000000000001"));
    assertThat(new ByteWriter().writeComparableDouble(1.0).toByteArray())
        .isEqualTo(hex("bff0000000000000"));
    assertThat(new ByteWriter().writeComparableDouble(-1.0).toByteArray())
        .isEqualTo(hex("400fffffffffffff"));
    assertThat(new ByteWriter().writeVarint(300).toByteArray()).isEqualTo(hex("ac02"));
    assertThat(new ByteWriter().writeVarint(-1L).toByteArray())
        .isEqualTo(hex("ffffffffffffffffff01"));
    assertThat(new ByteWriter().writeSignedVarint(-1).toByteArray()).isEqualTo(hex("01"));
    assertThat(new ByteWriter().writeSignedVarint(1).toByteArray()).isEqualTo(hex("02"));
    assertThat(new ByteWriter().writeCompactBytes(hex("aabb")).toByteArray())
        .isEqualTo(hex("04aabb"));
    assertThatThrownBy(() -> new ByteReader(hex("ffffffffffffffffff02")).readVarint())
        .isInstanceOf(CorruptionException.class);
  }

  @Seeds(3)
  void numbersKeepOrderAndComeBack(long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    for (int i = 0; i < ROUNDS; i++) {
      long a = random.nextLong() >> random.nextInt(64);
      long b = random.nextInt(3) == 0 ? a + 1 : random.nextLong() >> random.nextInt(64);
      byte[] inA = new ByteWriter(1).writeComparableLong(a).toByteArray();
      byte[] inB = new ByteWriter(1).writeComparableLong(b).toByteArray();
      assertThat(Integer.signum(Bytes.compare(inA, inB))).isEqualTo(Long.compare(a, b));

      ByteWriter writer = new ByteWriter(1);
      writer.writeVarint(a).writeSignedVarint(b).writeLongDescending(a).writeComparableLong(b);
      writer.writeInt((int) a).writeByte((int) b);
      assertThat(Numbers.varintLength(a)).isEqualTo(new ByteWriter().writeVarint(a).size());
      ByteReader reader = new ByteReader(writer.toByteArray());
      assertThat(reader.readVarint()).isEqualTo(a);
      assertThat(reader.readSignedVarint()).isEqualTo(b);
      assertThat(reader.readLongDescending()).isEqualTo(a);
      assertThat(reader.readComparableLong()).isEqualTo(b);
      assertThat(reader.readInt()).isEqualTo((int) a);
      assertThat(reader.readByte()).isEqualTo((byte) b);
      assertThat(reader.hasRemaining()).isFalse();

      double x = Double.longBitsToDouble(random.nextLong());
      double y = Double.longBitsToDouble(random.nextLong());
      if (!Double.isNaN(x) && !Double.isNaN(y)) {
        byte[] inX = new ByteWriter().writeComparableDouble(x).toByteArray();
        byte[] inY = new ByteWriter().writeComparableDouble(y).toByteArray();
        assertThat(Integer.signum(Bytes.compare(inX, inY))).isEqualTo(Double.compare(x, y));
        assertThat(new ByteReader(inX).readComparableDouble()).isEqualTo(x);
      }
    }
  }

  @Test
  void keysOfOneUserKeySortNewestFirst() {
    byte[] key = "abc".getBytes(StandardCharsets.UTF_8);
    byte[] old = KeyCodec.encode(key, 5);
    byte[] fresh = KeyCodec.encode(key, 6);
    assertThat(Bytes.compare(fresh, old)).isNegative();
    assertThat(Bytes.compare(KeyCodec.encode(key), fresh)).isNegative();
    assertThat(KeyCodec.timestamp(old)).isEqualTo(5);
    assertThat(KeyCodec.truncateTimestamp(old)).isEqualTo(KeyCodec.encode(key));
    assertThat(KeyCodec.appendTimestamp(KeyCodec.encode(key), 5)).isEqualTo(old);
    assertThat(KeyCodec.isVersionOf(old, KeyCodec.encode(key))).isTrue();
    assertThat(KeyCodec.isVersionOf(old, KeyCodec.encode(new byte[] {1}))).isFalse();
    assertThat(KeyCodec.decode(KeyCodec.truncateTimestamp(old))).isEqualTo(key);
    assertThat(old).isEqualTo(hex("6162630000000000fafffffffffffffffa"));
  }

  @Test
  void dataKeysCarryTheirPrefix() {
    assertThat(KeyCodec.dataKey(hex("01"))).isEqualTo(hex("7a01"));
    assertThat(KeyCodec.dataEndKey(hex("01"))).isEqualTo(hex("7a01"));
    assertThat(KeyCodec.dataEndKey(Bytes.EMPTY)).isEqualTo(hex("7b"));
    assertThat(KeyCodec.originKey(hex("7a01"))).isEqualTo(hex("01"));
    assertThatThrownBy(() -> KeyCodec.originKey(hex("0101")))
        .isInstanceOf(CorruptionException.class);
  }

  private static byte[] bytes(SplittableRandom random) {
    byte[] bytes = new byte[random.nextInt(30)];
    random.nextBytes(bytes);
    if (random.nextBoolean()) {
      // Few distinct bytes make equal prefixes and padding-like tails likely.
      for (int i = 0; i < bytes.length; i++) {
        bytes[i] = (byte) (bytes[i] < -90 ? 0xFF : bytes[i] > 90 ? 1 : 0);
      }
    }
    return bytes;
  }

  private static byte[] hex(String text) {
    return HexFormat.of().parseHex(text);
  }
}
