/** Fakes for tests of transactions, also for the modules above. */
@NullMarked
package io.rutile.txn.testing;

import org.jspecify.annotations.NullMarked;
