package io.rutile.pd.etcd;

import com.google.protobuf.ByteString;
import io.grpc.StatusRuntimeException;
import io.rutile.pd.meta.KeyRanges;
import io.rutile.proto.etcdserverpb.Compare;
import io.rutile.proto.etcdserverpb.DeleteRangeRequest;
import io.rutile.proto.etcdserverpb.PutRequest;
import io.rutile.proto.etcdserverpb.RangeRequest;
import io.rutile.proto.etcdserverpb.RequestOp;
import io.rutile.proto.etcdserverpb.TxnRequest;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Refuses requests that etcd refuses before it looks at any data. Stateless. */
final class TxnCheck {
  /** Operations in one list of a transaction; etcd's default. */
  private static final int OPERATIONS_MAX = 128;

  private TxnCheck() {}

  static void check(RangeRequest request) {
    requireKey(request.getKey());
    boolean unknown =
        request.getSortOrder() == RangeRequest.SortOrder.UNRECOGNIZED
            || request.getSortTarget() == RangeRequest.SortTarget.UNRECOGNIZED;
    if (unknown) {
      throw EtcdNode.invalid("invalid sort option");
    }
  }

  static void check(PutRequest request) {
    requireKey(request.getKey());
    if (request.getIgnoreValue() && !request.getValue().isEmpty()) {
      throw EtcdNode.invalid("value is provided");
    }
    if (request.getIgnoreLease() && request.getLease() != 0) {
      throw EtcdNode.invalid("lease is provided");
    }
  }

  static void check(DeleteRangeRequest request) {
    requireKey(request.getKey());
  }

  private static void requireKey(ByteString key) {
    if (key.isEmpty()) {
      throw EtcdNode.invalid("key is not provided");
    }
  }

  static void check(TxnRequest request) {
    checkOperations(request);
    Writes.of(request.getSuccessList());
    Writes.of(request.getFailureList());
  }

  private static void checkOperations(TxnRequest request) {
    if (request.getCompareCount() > OPERATIONS_MAX
        || request.getSuccessCount() > OPERATIONS_MAX
        || request.getFailureCount() > OPERATIONS_MAX) {
      throw EtcdNode.invalid("too many operations in txn request");
    }
    for (Compare compare : request.getCompareList()) {
      requireKey(compare.getKey());
    }
    request.getSuccessList().forEach(TxnCheck::checkOperation);
    request.getFailureList().forEach(TxnCheck::checkOperation);
  }

  private static void checkOperation(RequestOp op) {
    switch (op.getRequestCase()) {
      case REQUEST_RANGE -> check(op.getRequestRange());
      case REQUEST_PUT -> check(op.getRequestPut());
      case REQUEST_DELETE_RANGE -> check(op.getRequestDeleteRange());
      case REQUEST_TXN -> checkOperations(op.getRequestTxn());
      case REQUEST_NOT_SET -> throw EtcdNode.invalid("key not found");
    }
  }

  /** What one list of operations may write: no key is put twice or put and deleted. */
  private static final class Writes {
    private final Set<ByteString> puts = new HashSet<>();
    private final List<DeleteRangeRequest> deletions = new ArrayList<>();

    static Writes of(List<RequestOp> operations) {
      Writes writes = new Writes();
      for (RequestOp op : operations) {
        if (op.hasRequestDeleteRange()) {
          writes.deletions.add(op.getRequestDeleteRange());
        }
      }
      for (RequestOp op : operations) {
        if (op.hasRequestTxn()) {
          writes.addNested(op.getRequestTxn());
        }
      }
      for (RequestOp op : operations) {
        if (op.hasRequestPut()) {
          writes.put(op.getRequestPut().getKey());
        }
      }
      return writes;
    }

    /** Only one of the two lists runs, so both may put the same key. */
    private void addNested(TxnRequest nested) {
      Writes success = of(nested.getSuccessList());
      Writes failure = of(nested.getFailureList());
      Set<ByteString> either = new HashSet<>(success.puts);
      either.addAll(failure.puts);
      either.forEach(this::put);
      deletions.addAll(success.deletions);
      deletions.addAll(failure.deletions);
    }

    private void put(ByteString key) {
      boolean deleted =
          deletions.stream()
              .anyMatch(range -> KeyRanges.contains(range.getKey(), range.getRangeEnd(), key));
      if (deleted || !puts.add(key)) {
        throw duplicate();
      }
    }

    private static StatusRuntimeException duplicate() {
      return EtcdNode.invalid("duplicate key given in txn request");
    }
  }
}
