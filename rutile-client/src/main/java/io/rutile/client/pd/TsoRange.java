package io.rutile.client.pd;

/**
 * Consecutive timestamps that nobody else gets.
 *
 * @param first the smallest
 * @param count how many, at least 1
 */
public record TsoRange(long first, int count) {
  public long last() {
    return first + count - 1;
  }
}
