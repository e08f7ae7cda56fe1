package io.rutile.pd.cluster;

import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A release as stores report it, like {@code 8.5.0} or {@code v8.5.0-alpha}; pre-release parts do
 * not take part in the order.
 */
public record ReleaseVersion(int major, int minor, int patch)
    implements Comparable<ReleaseVersion> {
  /** The release whose protocol PD speaks. */
  public static final ReleaseVersion CURRENT = new ReleaseVersion(8, 5, 0);

  private static final Pattern FORM =
      Pattern.compile("v?(\\d{1,6})\\.(\\d{1,6})\\.(\\d{1,6})([-+].*)?");

  /** Null when the text is no version. */
  public static @Nullable ReleaseVersion parse(String text) {
    Matcher matcher = FORM.matcher(text.trim());
    return matcher.matches()
        ? new ReleaseVersion(
            Integer.parseInt(matcher.group(1)),
            Integer.parseInt(matcher.group(2)),
            Integer.parseInt(matcher.group(3)))
        : null;
  }

  /** Whether a store of this version may serve in a cluster of version {@code cluster}. */
  public boolean isCompatibleWith(ReleaseVersion cluster) {
    return major == cluster.major || compareTo(cluster) >= 0;
  }

  @Override
  public int compareTo(ReleaseVersion other) {
    if (major != other.major) {
      return Integer.compare(major, other.major);
    }
    return minor != other.minor
        ? Integer.compare(minor, other.minor)
        : Integer.compare(patch, other.patch);
  }

  @Override
  public String toString() {
    return major + "." + minor + "." + patch;
  }
}
