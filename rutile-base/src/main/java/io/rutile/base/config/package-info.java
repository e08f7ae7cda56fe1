/**
 * Configuration: a TOML file becomes a tree of records, and back. Owns the syntax of sizes and
 * durations, the checks of a file, the sample file and changes while running. What the items are
 * and mean belongs to the modules that declare the records. Everything here is immutable.
 */
@NullMarked
package io.rutile.base.config;

import org.jspecify.annotations.NullMarked;
