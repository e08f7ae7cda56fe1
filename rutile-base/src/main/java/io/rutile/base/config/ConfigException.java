package io.rutile.base.config;

import io.rutile.base.error.ErrorCategory;
import io.rutile.base.error.ErrorCodes;
import io.rutile.base.error.RutileException;
import java.util.List;

/**
 * A configuration that is refused, with everything that is wrong in it. Each problem is one line
 * for the operator: file and line where known, the item, its value and what is allowed.
 */
public final class ConfigException extends RutileException {
  private final List<String> problems;

  public ConfigException(List<String> problems) {
    super(ErrorCodes.SERVER_CONFIG, ErrorCategory.CALLER, String.join("\n", problems));
    this.problems = List.copyOf(problems);
  }

  public ConfigException(String problem) {
    this(List.of(problem));
  }

  /** One line each, at least one. */
  public List<String> problems() {
    return problems;
  }
}
