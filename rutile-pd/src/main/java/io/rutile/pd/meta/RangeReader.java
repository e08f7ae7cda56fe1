package io.rutile.pd.meta;

import io.rutile.proto.etcdserverpb.RangeRequest;
import io.rutile.proto.etcdserverpb.RangeRequest.SortOrder;
import io.rutile.proto.etcdserverpb.RangeRequest.SortTarget;
import io.rutile.proto.etcdserverpb.RangeResponse;
import io.rutile.proto.mvccpb.KeyValue;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** Range reads with etcd's filters, orders and limits. Stateless. */
final class RangeReader {
  private RangeReader() {}

  /**
   * @param at revision to read
   * @param header revision that the response tells
   */
  static RangeResponse read(MvccState state, RangeRequest request, long at, long header) {
    RangeResponse.Builder response = RangeResponse.newBuilder().setHeader(MvccState.header(header));
    List<KeyValue> pairs = new ArrayList<>();
    state.forEach(request.getKey(), request.getRangeEnd(), at, pairs::add);
    response.setCount(pairs.size());
    if (request.getCountOnly()) {
      return response.build();
    }
    pairs.removeIf(pair -> !passes(request, pair));
    order(request, pairs);
    int limit =
        request.getLimit() > 0 ? (int) Math.min(request.getLimit(), pairs.size()) : pairs.size();
    response.setMore(limit < pairs.size());
    for (KeyValue pair : pairs.subList(0, limit)) {
      response.addKvs(request.getKeysOnly() ? pair.toBuilder().clearValue().build() : pair);
    }
    return response.build();
  }

  private static boolean passes(RangeRequest request, KeyValue pair) {
    return within(pair.getModRevision(), request.getMinModRevision(), request.getMaxModRevision())
        && within(
            pair.getCreateRevision(),
            request.getMinCreateRevision(),
            request.getMaxCreateRevision());
  }

  private static boolean within(long revision, long min, long max) {
    return (min == 0 || revision >= min) && (max == 0 || revision <= max);
  }

  private static void order(RangeRequest request, List<KeyValue> pairs) {
    SortTarget target = request.getSortTarget();
    boolean descending = request.getSortOrder() == SortOrder.DESCEND;
    if (target == SortTarget.KEY && !descending) {
      return;
    }
    Comparator<KeyValue> comparator =
        switch (target) {
          case VERSION -> Comparator.comparingLong(KeyValue::getVersion);
          case CREATE -> Comparator.comparingLong(KeyValue::getCreateRevision);
          case MOD -> Comparator.comparingLong(KeyValue::getModRevision);
          case VALUE -> Comparator.comparing(KeyValue::getValue, KeyRanges.ORDER);
          case KEY, UNRECOGNIZED -> Comparator.comparing(KeyValue::getKey, KeyRanges.ORDER);
        };
    pairs.sort(descending ? comparator.reversed() : comparator);
  }
}
