/**
 * The store's agents and what drives them: store loops that own peers, the log writer, background
 * workers. An agent's state belongs to whoever calls {@link io.rutile.store.loop.Agent#turn}: a
 * thread in production, the simulator in tests. Agents talk through mailboxes only.
 */
@NullMarked
package io.rutile.store.loop;

import org.jspecify.annotations.NullMarked;
