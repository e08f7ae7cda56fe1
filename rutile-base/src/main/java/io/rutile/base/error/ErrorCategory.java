package io.rutile.base.error;

/** What whoever sees an error should do about it. */
public enum ErrorCategory {
  /** Another replica or region can serve the request: refresh routing and retry there. */
  RETRY_ELSEWHERE,
  /** The same place will serve it later: back off and retry. */
  RETRY_LATER,
  /** The request is wrong; retrying it unchanged cannot succeed. */
  CALLER,
  /** Stored bytes are not what was written. The affected region or process stops. */
  CORRUPTION,
  /** An invariant of this program broke. */
  BUG
}
