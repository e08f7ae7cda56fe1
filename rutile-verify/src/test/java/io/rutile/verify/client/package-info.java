/** The official Java client, unmodified, against real server processes. */
package io.rutile.verify.client;
