package io.rutile.pd.config;

import io.rutile.base.error.ErrorCategory;
import io.rutile.base.error.RutileException;

/** A setting that does not exist or cannot have that value. The text names it. */
public final class ConfigException extends RutileException {
  public ConfigException(String message) {
    super("PD:config:ErrConfigItem", ErrorCategory.CALLER, message);
  }
}
