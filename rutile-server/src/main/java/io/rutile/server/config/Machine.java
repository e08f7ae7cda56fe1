package io.rutile.server.config;

import com.sun.management.OperatingSystemMXBean;
import java.lang.management.ManagementFactory;

/**
 * What items that are not set are derived from.
 *
 * @param cores processors that this process may use
 * @param memoryBytes memory of the machine, or of the container
 * @param heapBytes what the Java heap may take of it
 */
public record Machine(int cores, long memoryBytes, long heapBytes) {
  /** This one. */
  public static Machine here() {
    Runtime runtime = Runtime.getRuntime();
    long memory =
        ManagementFactory.getOperatingSystemMXBean() instanceof OperatingSystemMXBean system
            ? system.getTotalMemorySize()
            : 4 * runtime.maxMemory();
    return new Machine(runtime.availableProcessors(), memory, runtime.maxMemory());
  }
}
