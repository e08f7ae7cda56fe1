/**
 * Steps that several commands share: what it takes to lock, commit or roll back one key. Each step
 * reads through the command's reader and adds to its {@link
 * io.rutile.txn.command.action.TxnChanges}; a step that refuses throws and the command is abandoned
 * as a whole. Owned by the thread that processes the command.
 */
@NullMarked
package io.rutile.txn.command.action;

import org.jspecify.annotations.NullMarked;
