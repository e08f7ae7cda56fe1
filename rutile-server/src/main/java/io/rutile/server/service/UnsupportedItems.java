package io.rutile.server.service;

import io.rutile.proto.coprocessor.Response;
import io.rutile.proto.kvrpcpb.GCResponse;
import io.rutile.proto.kvrpcpb.ImportResponse;
import io.rutile.proto.kvrpcpb.KeyError;
import io.rutile.proto.kvrpcpb.RawCoprocessorResponse;
import io.rutile.proto.tikvpb.BatchCommandsRequest.Request.CmdCase;
import io.rutile.proto.tikvpb.BatchCommandsResponse;

/**
 * Answers to items of a BatchCommands frame that this server does not serve. A unary call of the
 * same kind ends with UNIMPLEMENTED; an item has no status of its own, so the error travels in the
 * field of its response that says "do not retry".
 */
final class UnsupportedItems {
  private UnsupportedItems() {}

  static BatchCommandsResponse.Response answer(CmdCase item) {
    String text = item.name() + " is not supported by this server";
    BatchCommandsResponse.Response.Builder answer = BatchCommandsResponse.Response.newBuilder();
    switch (item) {
      case IMPORT -> answer.setImport(ImportResponse.newBuilder().setError(text));
      case GC ->
          answer.setGC(GCResponse.newBuilder().setError(KeyError.newBuilder().setAbort(text)));
      case COPROCESSOR -> answer.setCoprocessor(Response.newBuilder().setOtherError(text));
      case RAWCOPROCESSOR ->
          answer.setRawCoprocessor(RawCoprocessorResponse.newBuilder().setError(text));
      default -> throw new IllegalArgumentException(item + " is served elsewhere");
    }
    return answer.build();
  }
}
