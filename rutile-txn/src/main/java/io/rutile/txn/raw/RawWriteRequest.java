package io.rutile.txn.raw;

import com.google.protobuf.Message;
import io.rutile.engine.api.Cf;
import io.rutile.proto.errorpb.Error;
import io.rutile.proto.kvrpcpb.Context;
import java.util.List;
import java.util.function.Function;

/**
 * A checked request to write keys.
 *
 * @param tag the name that metrics use
 * @param success the answer once it is applied
 * @param regionErrors the answer to one that the region did not take
 * @param refusals the answer to one that was refused with a text
 */
record RawWriteRequest<R extends Message>(
    String tag,
    Context context,
    Cf cf,
    List<RawChange> changes,
    R success,
    Function<Error, R> regionErrors,
    Function<String, R> refusals) {
  long sizeBytes() {
    long size = 0;
    for (RawChange change : changes) {
      size += change.sizeBytes();
    }
    return size;
  }
}
