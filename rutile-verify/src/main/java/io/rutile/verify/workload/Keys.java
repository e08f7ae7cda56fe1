package io.rutile.verify.workload;

import java.nio.charset.StandardCharsets;
import java.util.List;

/** Keys that are spread over four regions once these are split where {@link #SPLITS} says. */
public final class Keys {
  /** The first letters of keys, one for each region. */
  private static final String LETTERS = "bhpw";

  /** Where to split, as raw keys. */
  public static final List<byte[]> SPLITS = List.of(bytes("f"), bytes("m"), bytes("t"));

  private Keys() {}

  /** The number-th key of a name; consecutive numbers are in different regions. */
  static byte[] key(String name, int number) {
    return bytes(LETTERS.charAt(number % LETTERS.length()) + "/" + name + "/" + number);
  }

  static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  static String text(byte[] bytes) {
    return new String(bytes, StandardCharsets.UTF_8);
  }
}
