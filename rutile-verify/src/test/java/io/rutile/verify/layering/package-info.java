/** The module table of the architecture, held against the compiled classes. */
package io.rutile.verify.layering;
