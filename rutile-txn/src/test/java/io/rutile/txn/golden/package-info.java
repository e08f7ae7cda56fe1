/**
 * Golden scripts: one request a line, the response below it. The verbs know requests only, so that
 * the same scripts can run against anything that answers them. Run with {@code -Drewrite=true} to
 * write the answers into the scripts.
 */
@NullMarked
package io.rutile.txn.golden;

import org.jspecify.annotations.NullMarked;
