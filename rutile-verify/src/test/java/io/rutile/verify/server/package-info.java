/**
 * Whole servers in this JVM, over real sockets and files, and what they do with input that is
 * wrong: certificates, requests, disks and data directories.
 */
package io.rutile.verify.server;
