/**
 * Resource groups: how many request units each group of users may consume. Settings are replicated,
 * token buckets and statistics are the leader's and begin anew with each leadership.
 */
@NullMarked
package io.rutile.pd.resource;

import org.jspecify.annotations.NullMarked;
