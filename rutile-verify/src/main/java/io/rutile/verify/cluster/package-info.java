/**
 * A whole cluster in one thread on virtual time: the production classes of stores and transactions
 * on simulated disks, clocks and networks, clients that load it, trouble that befalls it, and the
 * promises that must hold. Everything follows from the seed of a run.
 */
@NullMarked
package io.rutile.verify.cluster;

import org.jspecify.annotations.NullMarked;
