package io.rutile.pd.resource;

import io.rutile.base.error.ErrorCategory;
import io.rutile.base.error.RutileException;

/** A resource group that cannot be had, made or removed. */
public final class ResourceGroupException extends RutileException {
  private ResourceGroupException(String code, String message) {
    super("PD:resourcemanager:" + code, ErrorCategory.CALLER, message);
  }

  public static ResourceGroupException missing(String name) {
    return new ResourceGroupException(
        "ErrGroupNotExists", "the " + name + " resource group does not exist");
  }

  static ResourceGroupException invalid() {
    return new ResourceGroupException(
        "ErrInvalidGroup",
        "invalid group settings, please check the group name, priority and the number of"
            + " resources");
  }

  static ResourceGroupException reserved() {
    return new ResourceGroupException("ErrDeleteReservedGroup", "cannot delete reserved group");
  }
}
