/** The error catalogue: one code, category and text for each way to fail. */
@NullMarked
package io.rutile.base.error;

import org.jspecify.annotations.NullMarked;
