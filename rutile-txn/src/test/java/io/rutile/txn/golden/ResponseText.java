package io.rutile.txn.golden;

import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Message;
import com.google.protobuf.TextFormat;
import io.rutile.base.codec.TimeStamp;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;

/** A response as a script shows it: every field that is set, except for how long it took. */
final class ResponseText {
  private static final Pattern BIG_NUMBER = Pattern.compile("(?<![\\w\"])\\d{6,20}(?!\\w)");
  private static final Pattern LONG_VALUE = Pattern.compile("x{16,}");

  private ResponseText() {}

  static String of(Message response) {
    Message.Builder shown = response.toBuilder();
    FieldDescriptor details = shown.getDescriptorForType().findFieldByName("exec_details_v2");
    if (details != null) {
      shown.clearField(details);
    }
    String text = TextFormat.printer().emittingSingleLine(true).printToString(shown.build()).trim();
    if (text.isEmpty()) {
      return "ok";
    }
    text = LONG_VALUE.matcher(text).replaceAll(found -> "*" + found.group().length());
    return BIG_NUMBER.matcher(text).replaceAll(ResponseText::timestamp);
  }

  private static String timestamp(MatchResult found) {
    long value = Long.parseUnsignedLong(found.group());
    if (value == TimeStamp.MAX) {
      return "max";
    }
    long logical = TimeStamp.logical(value);
    return "p" + TimeStamp.physicalMillis(value) + (logical == 0 ? "" : "+" + logical);
  }
}
