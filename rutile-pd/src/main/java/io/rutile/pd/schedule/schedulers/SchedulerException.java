package io.rutile.pd.schedule.schedulers;

import io.rutile.base.error.ErrorCategory;
import io.rutile.base.error.RutileException;

/** A scheduler that does not exist, exists already, or cannot be set like that. */
public final class SchedulerException extends RutileException {
  public SchedulerException(String message) {
    super("PD:scheduler:ErrSchedulerConfig", ErrorCategory.CALLER, message);
  }

  public static SchedulerException notFound(String name) {
    return new SchedulerException("scheduler not found: " + name);
  }
}
