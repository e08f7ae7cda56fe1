/**
 * The part of etcd v3's gRPC interface that TiDB's family of clients uses, over PD's own replicated
 * store: keys, leases, watches, members. Revisions, orders and error texts are etcd's.
 *
 * <p>Any member answers. What only the leader can do is handed on to it; reads are linearizable by
 * a barrier, unless the caller wants them serializable. Watches are served by the member that was
 * asked, from its own copy.
 */
@NullMarked
package io.rutile.pd.etcd;

import org.jspecify.annotations.NullMarked;
