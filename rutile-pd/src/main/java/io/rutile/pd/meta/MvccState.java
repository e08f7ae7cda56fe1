package io.rutile.pd.meta;

import com.google.protobuf.ByteString;
import io.rutile.base.clock.Clock;
import io.rutile.proto.etcdserverpb.LeaseGrantRequest;
import io.rutile.proto.etcdserverpb.LeaseGrantResponse;
import io.rutile.proto.etcdserverpb.RangeRequest;
import io.rutile.proto.etcdserverpb.RangeResponse;
import io.rutile.proto.etcdserverpb.ResponseHeader;
import io.rutile.proto.etcdserverpb.TxnRequest;
import io.rutile.proto.etcdserverpb.TxnResponse;
import io.rutile.proto.mvccpb.Event;
import io.rutile.proto.mvccpb.KeyValue;
import io.rutile.proto.pdmetapb.HistoryRecord;
import io.rutile.proto.pdmetapb.LeaseRecord;
import io.rutile.proto.pdmetapb.MetaSnapshot;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentNavigableMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The state machine: every key with its kept versions, and the leases. It is all in memory, since
 * PD's state is small; the log and snapshots make it durable.
 *
 * <p>Changes come from one thread, the applying one, and become visible together when it publishes
 * the new revision. A read fixes a revision first and ignores newer versions, so it is consistent
 * without a lock; when a compaction overtakes it, it fails as compacted.
 *
 * <p>Invariant: applying the same commands in the same order gives the same state on every member:
 * nothing here reads a clock, but for lease deadlines, which are not part of that state.
 */
final class MvccState {
  /** Revision of an empty store; the first write makes 2. */
  static final long FIRST_REVISION = 1;

  private final ConcurrentSkipListMap<ByteString, KeyHistory> histories =
      new ConcurrentSkipListMap<>(KeyRanges.ORDER);
  private final LeaseTable leases;
  private volatile long revision = FIRST_REVISION;
  private volatile long compactRevision;

  MvccState(Clock clock) {
    this.leases = new LeaseTable(clock);
  }

  long revision() {
    return revision;
  }

  long compactRevision() {
    return compactRevision;
  }

  LeaseTable leases() {
    return leases;
  }

  /** What one command changed. */
  record Change(long revision, List<Event> events) {}

  /** Applies the transaction; {@code changed} is called when it wrote anything. */
  TxnResponse txn(TxnRequest request, Consumer<Change> changed) {
    TxnRun run = new TxnRun(this, revision + 1);
    TxnResponse response = run.execute(request);
    return publish(run, changed)
        ? response
        : response.toBuilder().setHeader(header(revision)).build();
  }

  private boolean publish(TxnRun run, Consumer<Change> changed) {
    if (run.events().isEmpty()) {
      return false;
    }
    revision = run.revision();
    changed.accept(new Change(revision, run.events()));
    return true;
  }

  static ResponseHeader header(long revision) {
    return ResponseHeader.newBuilder().setRevision(revision).build();
  }

  LeaseGrantResponse grant(LeaseGrantRequest request) {
    if (leases.exists(request.getID())) {
      throw new MetaStoreException(
          MetaStoreException.Kind.LEASE_EXISTS, "etcdserver: lease already exists");
    }
    leases.grant(request.getID(), request.getTTL());
    return LeaseGrantResponse.newBuilder()
        .setHeader(header(revision))
        .setID(request.getID())
        .setTTL(request.getTTL())
        .build();
  }

  void revoke(long leaseId, Consumer<Change> changed) {
    if (!leases.exists(leaseId)) {
      throw leaseNotFound();
    }
    TxnRun run = new TxnRun(this, revision + 1);
    for (ByteString key : leases.keys(leaseId)) {
      run.delete(key);
    }
    leases.remove(leaseId);
    publish(run, changed);
  }

  static MetaStoreException leaseNotFound() {
    return new MetaStoreException(
        MetaStoreException.Kind.LEASE_NOT_FOUND, "etcdserver: requested lease not found");
  }

  void compact(long at) {
    checkReadable(at);
    if (at == compactRevision) {
      throw compacted();
    }
    compactRevision = at;
    for (Map.Entry<ByteString, KeyHistory> entry : histories.entrySet()) {
      KeyHistory kept = entry.getValue().compact(at);
      if (kept == null) {
        histories.remove(entry.getKey());
      } else if (kept != entry.getValue()) {
        histories.put(entry.getKey(), kept);
      }
    }
  }

  private void checkReadable(long at) {
    if (at > revision) {
      throw new MetaStoreException(
          MetaStoreException.Kind.FUTURE_REVISION,
          "etcdserver: mvcc: required revision is a future revision");
    }
    if (at < compactRevision) {
      throw compacted();
    }
  }

  private static MetaStoreException compacted() {
    return new MetaStoreException(
        MetaStoreException.Kind.COMPACTED,
        "etcdserver: mvcc: required revision has been compacted");
  }

  /** Reads as of the revision that the request names, or as of now. Safe for use by any thread. */
  RangeResponse range(RangeRequest request) {
    long current = revision;
    long at = request.getRevision() > 0 ? request.getRevision() : current;
    checkReadable(at);
    RangeResponse response = RangeReader.read(this, request, at, current);
    checkReadable(at);
    return response;
  }

  /** The pair as of {@code at}, or null. */
  @Nullable KeyValue get(ByteString key, long at) {
    KeyHistory history = histories.get(key);
    return history == null ? null : history.at(at);
  }

  /** Calls back the pairs of the range as of {@code at}, in key order. */
  void forEach(ByteString key, ByteString rangeEnd, long at, Consumer<KeyValue> consumer) {
    if (KeyRanges.isSingleKey(rangeEnd)) {
      KeyValue pair = get(key, at);
      if (pair != null) {
        consumer.accept(pair);
      }
      return;
    }
    for (KeyHistory history : slice(key, rangeEnd).values()) {
      KeyValue pair = history.at(at);
      if (pair != null) {
        consumer.accept(pair);
      }
    }
  }

  private ConcurrentNavigableMap<ByteString, KeyHistory> slice(ByteString key, ByteString end) {
    if (KeyRanges.isUnbounded(end)) {
      return histories.tailMap(key, true);
    }
    if (KeyRanges.ORDER.compare(key, end) >= 0) {
      return histories.subMap(key, true, key, false);
    }
    return histories.subMap(key, true, end, false);
  }

  /** Records a version made by the running command; not visible before its revision is. */
  void append(KeyValue version) {
    histories.merge(
        version.getKey(), KeyHistory.of(version), (history, ignored) -> history.append(version));
  }

  /** Versions made in [{@code from}, now] in the range, ascending by revision, as events. */
  List<Change> changesSince(WatchSpec spec, long from) {
    TreeMap<Long, List<Event>> byRevision = new TreeMap<>();
    ConcurrentNavigableMap<ByteString, KeyHistory> range =
        KeyRanges.isSingleKey(spec.rangeEnd())
            ? histories.subMap(spec.key(), true, spec.key(), true)
            : slice(spec.key(), spec.rangeEnd());
    for (KeyHistory history : range.values()) {
      for (KeyValue version : history.since(from)) {
        KeyValue previous = history.at(version.getModRevision() - 1);
        byRevision
            .computeIfAbsent(version.getModRevision(), r -> new ArrayList<>())
            .add(event(version, previous));
      }
    }
    List<Change> changes = new ArrayList<>(byRevision.size());
    byRevision.forEach((at, events) -> changes.add(new Change(at, events)));
    return changes;
  }

  static Event event(KeyValue version, @Nullable KeyValue previous) {
    Event.Builder event =
        Event.newBuilder()
            .setType(KeyHistory.isDeletion(version) ? Event.EventType.DELETE : Event.EventType.PUT)
            .setKv(version);
    if (previous != null) {
      event.setPrevKv(previous);
    }
    return event.build();
  }

  /** Writes the state into a snapshot. On the applying thread. */
  void save(MetaSnapshot.Builder snapshot) {
    snapshot.setRevision(revision).setCompactRevision(compactRevision);
    histories.forEach((key, history) ->
        snapshot.addHistories(
            HistoryRecord.newBuilder().setKey(key).addAllVersions(history.all())));
    for (long id : leases.ids()) {
      snapshot.addLeases(
          LeaseRecord.newBuilder().setId(id).setTtlSeconds(leases.grantedTtlSeconds(id)));
    }
  }

  /** Replaces the whole state by that of a snapshot. On the applying thread. */
  void restore(MetaSnapshot snapshot) {
    histories.clear();
    leases.clear();
    for (LeaseRecord lease : snapshot.getLeasesList()) {
      leases.grant(lease.getId(), lease.getTtlSeconds());
    }
    for (HistoryRecord record : snapshot.getHistoriesList()) {
      KeyHistory history = KeyHistory.of(record.getVersionsList());
      histories.put(record.getKey(), history);
      KeyValue newest = history.at(Long.MAX_VALUE);
      if (newest != null && newest.getLease() != 0) {
        leases.attach(record.getKey(), newest.getLease());
      }
    }
    compactRevision = snapshot.getCompactRevision();
    revision = snapshot.getRevision();
  }
}
