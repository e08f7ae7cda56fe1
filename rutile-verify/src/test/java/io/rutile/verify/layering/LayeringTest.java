package io.rutile.verify.layering;

import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaAccess;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaConstructorCall;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * The module table of ARCHITECTURE.md as data: who may use whom, and which libraries and sources of
 * nondeterminism are kept behind which packages.
 */
class LayeringTest {
  private static final String ROOT = "io.rutile.";

  /** Module to the modules it may use; its own is understood. */
  private static final Map<String, Set<String>> MAY_USE =
      Map.ofEntries(
          Map.entry("proto", Set.of()),
          Map.entry("base", Set.of()),
          Map.entry("raft", Set.of("proto", "base")),
          Map.entry("engine", Set.of("base")),
          Map.entry("rpc", Set.of("proto", "base")),
          Map.entry("profiler", Set.of("base")),
          Map.entry("client", Set.of("proto", "base", "rpc")),
          Map.entry("txn", Set.of("proto", "base", "engine")),
          Map.entry("store", Set.of("proto", "base", "raft", "engine", "rpc", "client", "txn")),
          Map.entry("pd", Set.of("proto", "base", "raft", "engine", "rpc")),
          Map.entry(
              "server",
              Set.of("proto", "base", "engine", "rpc", "profiler", "client", "txn", "store")),
          Map.entry("embedded", Set.of("proto", "base", "rpc", "client", "pd", "server")),
          Map.entry(
              "bench",
              Set.of("proto", "base", "engine", "rpc", "client", "txn", "raft", "store", "pd")),
          Map.entry(
              "cli",
              Set.of("proto", "base", "rpc", "client", "pd", "server", "embedded", "bench")));

  /** Library package to the packages that may use it. */
  private static final Map<String, Set<String>> LIBRARIES =
      Map.of(
          "org.rocksdb",
          Set.of("io.rutile.engine.rocks", "io.rutile.bench"),
          "io.netty",
          Set.of("io.rutile.rpc", "io.rutile.client", "io.rutile.bench"),
          "io.grpc",
          Set.of(
              "io.rutile.proto",
              "io.rutile.rpc",
              "io.rutile.client",
              "io.rutile.server.service",
              "io.rutile.server.node",
              "io.rutile.pd.service",
              "io.rutile.pd.peer",
              "io.rutile.pd.etcd",
              "io.rutile.store.transport",
              "io.rutile.bench"));

  /** Method that a simulation could not control, as owner and name; constructors are "new". */
  private static final Set<String> NONDETERMINISM =
      Set.of(
          "java.lang.System.currentTimeMillis",
          "java.lang.System.nanoTime",
          "java.time.Instant.now",
          "java.time.LocalDateTime.now",
          "java.time.ZonedDateTime.now",
          "java.lang.Thread.sleep",
          "java.lang.Math.random",
          "java.util.UUID.randomUUID",
          "java.util.concurrent.ThreadLocalRandom.current",
          "java.security.SecureRandom.<init>");

  /** Who may: the seams, and programs that measure the real world. */
  private static final List<String> MAY_BE_NONDETERMINISTIC =
      List.of("io.rutile.base.clock", "io.rutile.bench", "io.rutile.verify");

  private static JavaClasses classes;

  @BeforeAll
  static void read() {
    classes =
        new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
            .importPackages("io.rutile");
  }

  @Test
  void everyModuleIsInTheTable() {
    Set<String> found = new TreeSet<>();
    for (JavaClass type : classes) {
      found.add(module(type.getPackageName()));
    }
    found.remove("verify");
    assertThat(found).hasSizeGreaterThan(8).isSubsetOf(MAY_USE.keySet());
  }

  @Test
  void modulesUseOnlyWhatTheTableAllows() {
    Set<String> violations = new TreeSet<>();
    for (JavaClass type : classes) {
      String from = module(type.getPackageName());
      if (from.equals("verify")) {
        continue;
      }
      type.getDirectDependenciesFromSelf()
          .forEach(dependency -> {
            String target = dependency.getTargetClass().getPackageName();
            if (target.startsWith(ROOT)
                && !module(target).equals(from)
                && !MAY_USE.get(from).contains(module(target))) {
              violations.add(type.getName() + " -> " + dependency.getTargetClass().getName());
            }
          });
    }
    assertThat(violations).isEmpty();
  }

  @Test
  void librariesStayBehindTheirPackages() {
    Set<String> violations = new TreeSet<>();
    for (JavaClass type : classes) {
      if (type.getPackageName().startsWith("io.rutile.verify")) {
        continue;
      }
      type.getDirectDependenciesFromSelf()
          .forEach(dependency ->
              LIBRARIES.forEach((library, allowed) -> {
                String target = dependency.getTargetClass().getPackageName();
                if (within(target, library)
                    && allowed.stream().noneMatch(p -> within(type.getPackageName(), p))) {
                  violations.add(type.getName() + " -> " + library);
                }
              }));
    }
    assertThat(violations).isEmpty();
  }

  @Test
  void clocksSleepAndRandomComeThroughTheSeams() {
    Set<String> violations = new TreeSet<>();
    for (JavaClass type : classes) {
      if (MAY_BE_NONDETERMINISTIC.stream().anyMatch(p -> within(type.getPackageName(), p))) {
        continue;
      }
      for (JavaAccess<?> call : type.getAccessesFromSelf()) {
        String target = call.getTargetOwner().getName() + "." + call.getName();
        if (NONDETERMINISM.contains(target) || unseededRandom(call)) {
          violations.add(type.getName() + " calls " + target);
        }
      }
    }
    assertThat(violations).isEmpty();
  }

  private static boolean unseededRandom(JavaAccess<?> access) {
    return access instanceof JavaConstructorCall call
        && call.getTargetOwner().getName().equals("java.util.Random")
        && call.getTarget().getRawParameterTypes().isEmpty();
  }

  private static String module(String packageName) {
    String rest = packageName.substring(ROOT.length());
    int dot = rest.indexOf('.');
    return dot < 0 ? rest : rest.substring(0, dot);
  }

  private static boolean within(String packageName, String root) {
    return packageName.equals(root) || packageName.startsWith(root + ".");
  }
}
