package io.rutile.bench.load;

/** What one request of a load does. */
enum Operation {
  GET,
  PUT,
  SCAN
}
