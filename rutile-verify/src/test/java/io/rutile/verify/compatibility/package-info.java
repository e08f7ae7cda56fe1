/** The compatibility page, held against what the compiled servers serve. */
package io.rutile.verify.compatibility;
