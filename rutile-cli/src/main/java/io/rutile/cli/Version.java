package io.rutile.cli;

import picocli.CommandLine.IVersionProvider;

/** What {@code --version} prints: the version of this build and of the JVM under it. */
public final class Version implements IVersionProvider {
  @Override
  public String[] getVersion() {
    return new String[] {
      "Rutile " + ofBuild(),
      "Java   " + Runtime.version() + " (" + System.getProperty("java.vm.name") + ")"
    };
  }

  /** The version in the manifest of this jar; "development" when run from class files. */
  static String ofBuild() {
    String version = Main.class.getPackage().getImplementationVersion();
    return version == null ? "development" : version;
  }
}
