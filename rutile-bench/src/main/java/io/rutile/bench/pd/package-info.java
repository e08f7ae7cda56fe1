/** What PD's map and decisions cost with a million regions. Runs on the main thread. */
@NullMarked
package io.rutile.bench.pd;

import org.jspecify.annotations.NullMarked;
