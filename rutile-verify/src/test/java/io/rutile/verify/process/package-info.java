/** Faults of whole processes: kill -9 under load, restarts, and what must survive them. */
package io.rutile.verify.process;
