/** PD's configuration: records with PD's own keys, defaults and units. Immutable values. */
@NullMarked
package io.rutile.pd.config;

import org.jspecify.annotations.NullMarked;
