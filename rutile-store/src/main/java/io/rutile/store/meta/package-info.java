/**
 * What a store knows of its regions: local keys, immutable region images, epoch rules, the
 * directory of all regions. Images are values; the directory is safe for use by any thread.
 */
@NullMarked
package io.rutile.store.meta;

import org.jspecify.annotations.NullMarked;
