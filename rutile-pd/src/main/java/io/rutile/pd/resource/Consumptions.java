package io.rutile.pd.resource;

import com.google.protobuf.Descriptors.FieldDescriptor;
import io.rutile.proto.resourcemanager.Consumption;

/** Sums of what was consumed: every field is a number that adds up. Stateless. */
final class Consumptions {
  private Consumptions() {}

  static Consumption sum(Consumption one, Consumption other) {
    Consumption.Builder sum = one.toBuilder();
    for (FieldDescriptor field : Consumption.getDescriptor().getFields()) {
      Object added = other.getField(field);
      Object total =
          added instanceof Double value
              ? (Object) ((Double) one.getField(field) + value)
              : (Object) ((Long) one.getField(field) + (Long) added);
      sum.setField(field, total);
    }
    return sum.build();
  }
}
