/** Named threads whose failure nobody can overlook. */
@NullMarked
package io.rutile.base.thread;

import org.jspecify.annotations.NullMarked;
