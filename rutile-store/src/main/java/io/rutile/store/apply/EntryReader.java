package io.rutile.store.apply;

import com.google.protobuf.ByteString;
import com.google.protobuf.CodedInputStream;
import com.google.protobuf.InvalidProtocolBufferException;
import io.rutile.base.bytes.Bytes;
import io.rutile.base.error.CorruptionException;
import io.rutile.engine.api.Cf;
import io.rutile.proto.raftcmdpb.AdminRequest;
import io.rutile.proto.raftcmdpb.RaftRequestHeader;
import io.rutile.store.meta.DataKeys;
import java.io.IOException;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Reads {@code raft_cmdpb.RaftCmdRequest} bytes in place: the header and an admin request become
 * messages, ordinary requests are visited one by one, their keys straight into engine form. One
 * reader is reused for entry after entry by the worker that owns it.
 */
final class EntryReader {
  /** Takes the requests of an entry. Keys carry the data prefix. */
  interface Visitor {
    void put(Cf cf, byte[] dataKey, byte[] value);

    void delete(Cf cf, byte[] dataKey);

    void deleteRange(Cf cf, byte[] start, byte[] end, boolean notifyOnly);

    void ingest(ByteString sstMeta);
  }

  private static final int WIRE_BYTES = 2;

  private byte[] data = Bytes.EMPTY;
  private int[] requests = new int[32];
  private int requestCount;
  private RaftRequestHeader header = RaftRequestHeader.getDefaultInstance();
  private @Nullable AdminRequest admin;

  /** Takes the bytes of an entry and finds its parts. */
  void reset(ByteString entryData) {
    data = entryData.toByteArray();
    requestCount = 0;
    header = RaftRequestHeader.getDefaultInstance();
    admin = null;
    try {
      CodedInputStream in = CodedInputStream.newInstance(data);
      for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
        switch (tag >>> 3) {
          case 1 -> header = RaftRequestHeader.parseFrom(slice(in));
          case 2 -> addRequest(in);
          case 3 -> admin = AdminRequest.parseFrom(slice(in));
          default -> in.skipField(tag);
        }
      }
    } catch (IOException e) {
      throw corrupt(e);
    }
  }

  RaftRequestHeader header() {
    return header;
  }

  @Nullable AdminRequest admin() {
    return admin;
  }

  int requestCount() {
    return requestCount;
  }

  void visit(Visitor visitor) {
    try {
      for (int i = 0; i < requestCount; i++) {
        visitRequest(requests[2 * i], requests[2 * i + 1], visitor);
      }
    } catch (IOException e) {
      throw corrupt(e);
    }
  }

  private void addRequest(CodedInputStream in) throws IOException {
    if (2 * requestCount == requests.length) {
      requests = Arrays.copyOf(requests, 2 * requests.length);
    }
    int length = in.readRawVarint32();
    requests[2 * requestCount] = in.getTotalBytesRead();
    requests[2 * requestCount + 1] = length;
    requestCount++;
    in.skipRawBytes(length);
  }

  private void visitRequest(int offset, int length, Visitor visitor) throws IOException {
    CodedInputStream in = CodedInputStream.newInstance(data, offset, length);
    for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
      if ((tag & 7) != WIRE_BYTES) {
        in.skipField(tag);
        continue;
      }
      switch (tag >>> 3) {
        case 4 -> visitPut(in, offset, visitor);
        case 5 -> visitDelete(in, offset, visitor);
        case 8 -> visitDeleteRange(in, offset, visitor);
        case 9 -> visitor.ingest(in.readBytes());
        default -> in.skipField(tag);
      }
    }
  }

  private void visitPut(CodedInputStream in, int base, Visitor visitor) throws IOException {
    int limit = in.pushLimit(in.readRawVarint32());
    Cf cf = Cf.DEFAULT;
    byte[] key = dataKey(0, 0);
    byte[] value = Bytes.EMPTY;
    for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
      switch (tag >>> 3) {
        case 1 -> cf = cf(in.readString());
        case 2 -> key = readDataKey(in, base);
        case 3 -> value = in.readByteArray();
        default -> in.skipField(tag);
      }
    }
    in.popLimit(limit);
    visitor.put(cf, key, value);
  }

  private void visitDelete(CodedInputStream in, int base, Visitor visitor) throws IOException {
    int limit = in.pushLimit(in.readRawVarint32());
    Cf cf = Cf.DEFAULT;
    byte[] key = dataKey(0, 0);
    for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
      switch (tag >>> 3) {
        case 1 -> cf = cf(in.readString());
        case 2 -> key = readDataKey(in, base);
        default -> in.skipField(tag);
      }
    }
    in.popLimit(limit);
    visitor.delete(cf, key);
  }

  private void visitDeleteRange(CodedInputStream in, int base, Visitor visitor) throws IOException {
    int limit = in.pushLimit(in.readRawVarint32());
    Cf cf = Cf.DEFAULT;
    byte[] start = Bytes.EMPTY;
    byte[] end = Bytes.EMPTY;
    boolean notifyOnly = false;
    for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
      switch (tag >>> 3) {
        case 1 -> cf = cf(in.readString());
        case 2 -> start = in.readByteArray();
        case 3 -> end = in.readByteArray();
        case 4 -> notifyOnly = in.readBool();
        default -> in.skipField(tag);
      }
    }
    in.popLimit(limit);
    visitor.deleteRange(cf, start, end, notifyOnly);
  }

  private byte[] readDataKey(CodedInputStream in, int base) throws IOException {
    int length = in.readRawVarint32();
    byte[] key = dataKey(base + in.getTotalBytesRead(), length);
    in.skipRawBytes(length);
    return key;
  }

  private byte[] dataKey(int offset, int length) {
    byte[] key = new byte[length + 1];
    key[0] = DataKeys.PREFIX;
    System.arraycopy(data, offset, key, 1, length);
    return key;
  }

  private ByteString slice(CodedInputStream in) throws IOException {
    return in.readBytes();
  }

  private static Cf cf(String name) throws InvalidProtocolBufferException {
    return Cf.ofWireName(name)
        .filter(cf -> cf != Cf.RAFT)
        .orElseThrow(() -> new InvalidProtocolBufferException("no such column family: " + name));
  }

  private static CorruptionException corrupt(IOException cause) {
    return new CorruptionException(
        "KV:Raftstore:Protobuf", "a committed entry cannot be decoded", cause);
  }
}
