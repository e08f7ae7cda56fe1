package io.rutile.base.error;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class ErrorCodesTest {
  @Test
  void everyCodeIsWellFormedAndUsedOnce() throws Exception {
    List<String> codes = new ArrayList<>();
    for (Field field : ErrorCodes.class.getFields()) {
      assertThat(Modifier.isFinal(field.getModifiers())).isTrue();
      codes.add((String) field.get(null));
    }
    assertThat(codes).hasSizeGreaterThan(90).doesNotHaveDuplicates();
    assertThat(codes).allMatch(code -> code.matches("KV:[A-Z][A-Za-z]+:[A-Z][A-Za-z]+"));
  }
}
