package io.rutile.store.apply;

import com.google.protobuf.ByteString;
import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.UnsafeByteOperations;
import io.rutile.engine.api.Cf;
import io.rutile.proto.raftcmdpb.CmdType;
import io.rutile.proto.raftcmdpb.RaftRequestHeader;
import io.rutile.txn.gate.Modify;
import java.io.IOException;
import java.util.List;

/**
 * Writes {@code raft_cmdpb.RaftCmdRequest} bytes without building messages. What a write asks for
 * is encoded where it comes from, as a run of {@code requests} fields; the store loop then joins
 * the runs of several writes behind one header, which protobuf reads as one message.
 */
public final class EntryEncoder {
  private static final int HEADER_FIELD = 1;
  private static final int REQUESTS_FIELD = 2;
  private static final int CMD_TYPE_FIELD = 1;
  private static final int PUT_FIELD = 4;
  private static final int DELETE_FIELD = 5;
  private static final int DELETE_RANGE_FIELD = 8;

  private EntryEncoder() {}

  /** The {@code requests} fields for the changes, in order. */
  public static byte[] requests(List<Modify> modifies) {
    int total = 0;
    for (Modify modify : modifies) {
      int size = requestSize(modify);
      total += 1 + CodedOutputStream.computeUInt32SizeNoTag(size) + size;
    }
    byte[] bytes = new byte[total];
    CodedOutputStream out = CodedOutputStream.newInstance(bytes);
    try {
      for (Modify modify : modifies) {
        out.writeTag(REQUESTS_FIELD, 2);
        out.writeUInt32NoTag(requestSize(modify));
        writeRequest(out, modify);
      }
      out.checkNoSpaceLeft();
    } catch (IOException e) {
      throw new AssertionError("encoded size of requests is wrong", e);
    }
    return bytes;
  }

  /** A whole command of {@code header} and runs of requests, {@code totalBytes} long together. */
  public static ByteString command(RaftRequestHeader header, List<byte[]> runs, int totalBytes) {
    int headerSize = header.getSerializedSize();
    int prefix = 1 + CodedOutputStream.computeUInt32SizeNoTag(headerSize) + headerSize;
    byte[] bytes = new byte[prefix + totalBytes];
    CodedOutputStream out = CodedOutputStream.newInstance(bytes);
    try {
      out.writeTag(HEADER_FIELD, 2);
      out.writeUInt32NoTag(headerSize);
      header.writeTo(out);
      for (byte[] run : runs) {
        out.writeRawBytes(run);
      }
      out.checkNoSpaceLeft();
    } catch (IOException e) {
      throw new AssertionError("encoded size of a command is wrong", e);
    }
    return UnsafeByteOperations.unsafeWrap(bytes);
  }

  private static int requestSize(Modify modify) {
    int body = bodySize(modify);
    return 2 + 1 + CodedOutputStream.computeUInt32SizeNoTag(body) + body;
  }

  private static int bodySize(Modify modify) {
    return switch (modify) {
      case Modify.Put put -> cfSize(put.cf()) + bytesSize(put.key()) + bytesSize(put.value());
      case Modify.Delete delete -> cfSize(delete.cf()) + bytesSize(delete.key());
      case Modify.DeleteRange range ->
          cfSize(range.cf())
              + bytesSize(range.start())
              + bytesSize(range.end())
              + (range.notifyOnly() ? 2 : 0);
    };
  }

  private static void writeRequest(CodedOutputStream out, Modify modify) throws IOException {
    switch (modify) {
      case Modify.Put put -> {
        startRequest(out, CmdType.Put, PUT_FIELD, modify);
        writeCf(out, put.cf());
        writeBytes(out, 2, put.key());
        writeBytes(out, 3, put.value());
      }
      case Modify.Delete delete -> {
        startRequest(out, CmdType.Delete, DELETE_FIELD, modify);
        writeCf(out, delete.cf());
        writeBytes(out, 2, delete.key());
      }
      case Modify.DeleteRange range -> {
        startRequest(out, CmdType.DeleteRange, DELETE_RANGE_FIELD, modify);
        writeCf(out, range.cf());
        writeBytes(out, 2, range.start());
        writeBytes(out, 3, range.end());
        if (range.notifyOnly()) {
          out.writeBool(4, true);
        }
      }
    }
  }

  private static void startRequest(CodedOutputStream out, CmdType type, int field, Modify modify)
      throws IOException {
    out.writeEnum(CMD_TYPE_FIELD, type.getNumber());
    out.writeTag(field, 2);
    out.writeUInt32NoTag(bodySize(modify));
  }

  private static int cfSize(Cf cf) {
    return cf == Cf.DEFAULT ? 0 : 2 + cf.wireName().length();
  }

  private static void writeCf(CodedOutputStream out, Cf cf) throws IOException {
    if (cf != Cf.DEFAULT) {
      out.writeString(1, cf.wireName());
    }
  }

  private static int bytesSize(byte[] bytes) {
    return bytes.length == 0
        ? 0
        : 1 + CodedOutputStream.computeUInt32SizeNoTag(bytes.length) + bytes.length;
  }

  private static void writeBytes(CodedOutputStream out, int field, byte[] bytes)
      throws IOException {
    if (bytes.length > 0) {
      out.writeByteArray(field, bytes);
    }
  }
}
