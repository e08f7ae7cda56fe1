package io.rutile.verify.compatibility;

import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import io.grpc.BindableService;
import io.grpc.MethodDescriptor;
import io.grpc.ServiceDescriptor;
import io.rutile.base.metric.MetricRegistry;
import io.rutile.server.status.OnlineConfig;
import io.rutile.server.status.Readiness;
import io.rutile.server.status.StatusRoutes;
import java.io.IOException;
import java.lang.reflect.Method;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/**
 * Holds {@code docs/compatibility.md} against the code: an RPC is served when a service class
 * overrides its method, an HTTP path when the router has it. {@code -Drewrite=true} brings the page
 * up to date instead.
 *
 * <p>Notes, and RPCs that are not in our protocol files at all, come from {@code
 * compatibility-notes.txt}: one {@code package.Service/Method: note} a line.
 */
class CompatibilityPageTest {
  private static final Path PAGE = Path.of("../docs/compatibility.md");

  /** What a client may find at a store or at PD, in the order of the page. */
  private static final Map<String, String> SERVICES = new LinkedHashMap<>();

  static {
    SERVICES.put("tikvpb.Tikv", "io.rutile.proto.tikvpb.TikvGrpc");
    SERVICES.put("tikvpb.VersionedKv", "io.rutile.proto.tikvpb.VersionedKvGrpc");
    SERVICES.put("debugpb.Debug", "io.rutile.proto.debugpb.DebugGrpc");
    SERVICES.put("deadlock.Deadlock", "io.rutile.proto.deadlock.DeadlockGrpc");
    SERVICES.put("diagnosticspb.Diagnostics", "io.rutile.proto.diagnosticspb.DiagnosticsGrpc");
    SERVICES.put("import_sstpb.ImportSST", "io.rutile.proto.importsstpb.ImportSSTGrpc");
    SERVICES.put("pdpb.PD", "io.rutile.proto.pdpb.PDGrpc");
    SERVICES.put("keyspacepb.Keyspace", "io.rutile.proto.keyspacepb.KeyspaceGrpc");
    SERVICES.put("meta_storagepb.MetaStorage", "io.rutile.proto.metastoragepb.MetaStorageGrpc");
    SERVICES.put(
        "resource_manager.ResourceManager", "io.rutile.proto.resourcemanager.ResourceManagerGrpc");
    SERVICES.put("etcdserverpb.KV", "io.rutile.proto.etcdserverpb.KVGrpc");
    SERVICES.put("etcdserverpb.Watch", "io.rutile.proto.etcdserverpb.WatchGrpc");
    SERVICES.put("etcdserverpb.Lease", "io.rutile.proto.etcdserverpb.LeaseGrpc");
    SERVICES.put("etcdserverpb.Cluster", "io.rutile.proto.etcdserverpb.ClusterGrpc");
    SERVICES.put("etcdserverpb.Auth", "io.rutile.proto.etcdserverpb.AuthGrpc");
    SERVICES.put("etcdserverpb.Maintenance", "io.rutile.proto.etcdserverpb.MaintenanceGrpc");
  }

  @Test
  void rpcsAreListedAsTheyAreServed() throws Exception {
    hold("rpc", rpcTables());
  }

  @Test
  void statusPathsAreListedAsTheyAreRouted() throws Exception {
    StringBuilder table = new StringBuilder("| path of the status port |\n|---|\n");
    for (String route : statusRoutes().router().describe()) {
      table.append("| `").append(route).append("` |\n");
    }
    hold("status", table.toString());
  }

  private static String rpcTables() throws Exception {
    Map<String, String> notes = notes();
    Map<String, Set<String>> overridden = overriddenMethods();
    StringBuilder tables = new StringBuilder();
    for (var service : SERVICES.entrySet()) {
      Set<String> methods = new TreeSet<>();
      ServiceDescriptor descriptor =
          (ServiceDescriptor)
              Class.forName(service.getValue()).getMethod("getServiceDescriptor").invoke(null);
      for (MethodDescriptor<?, ?> method : descriptor.getMethods()) {
        methods.add(method.getBareMethodName());
      }
      String prefix = service.getKey() + "/";
      notes.keySet().stream()
          .filter(key -> key.startsWith(prefix))
          .forEach(key -> methods.add(key.substring(prefix.length())));
      Set<String> served = overridden.getOrDefault(service.getKey(), Set.of());
      tables
          .append("\n### `")
          .append(service.getKey())
          .append("`\n\n| RPC | served | |\n|---|---|---|\n");
      for (String method : methods) {
        String note = notes.getOrDefault(prefix + method, "");
        String state =
            !served.contains(method) ? "no" : note.startsWith("partly") ? "partly" : "yes";
        tables.append("| %s | %s | %s |\n".formatted(method, state, note));
      }
    }
    return tables.toString();
  }

  /** Service name to the RPCs that some class of ours serves. */
  private static Map<String, Set<String>> overriddenMethods() throws Exception {
    Map<String, Set<String>> served = new TreeMap<>();
    for (JavaClass type :
        new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
            .importPackages("io.rutile.server", "io.rutile.pd")) {
      if (!type.isAssignableTo(BindableService.class)) {
        continue;
      }
      Class<?> loaded = Class.forName(type.getName());
      Class<?> base = loaded.getSuperclass();
      ServiceDescriptor descriptor =
          (ServiceDescriptor)
              base.getEnclosingClass().getMethod("getServiceDescriptor").invoke(null);
      Set<String> own = new TreeSet<>(String.CASE_INSENSITIVE_ORDER);
      Arrays.stream(loaded.getDeclaredMethods()).map(Method::getName).forEach(own::add);
      for (MethodDescriptor<?, ?> method : descriptor.getMethods()) {
        if (own.contains(method.getBareMethodName().replace("_", ""))) {
          served
              .computeIfAbsent(descriptor.getName(), name -> new TreeSet<>())
              .add(method.getBareMethodName());
        }
      }
    }
    assertThat(served).as("services found on the class path").isNotEmpty();
    return served;
  }

  private static Map<String, String> notes() throws IOException {
    Map<String, String> notes = new TreeMap<>();
    try (var in = CompatibilityPageTest.class.getResourceAsStream("/compatibility-notes.txt")) {
      for (String line : new String(in.readAllBytes(), StandardCharsets.UTF_8).split("\n")) {
        int colon = line.indexOf(": ");
        if (colon > 0 && !line.startsWith("#")) {
          notes.put(line.substring(0, colon), line.substring(colon + 2));
        }
      }
    }
    return notes;
  }

  /** The routes of a store; nothing is asked of what they are given. */
  private static StatusRoutes statusRoutes() {
    OnlineConfig none =
        new OnlineConfig() {
          @Override
          public Object tree() {
            return Map.of();
          }

          @Override
          public void change(Map<String, String> items, boolean persist) {}

          @Override
          public void reload() {}
        };
    return new StatusRoutes(new MetricRegistry(), new Readiness(), none, id -> Optional.empty());
  }

  private static void hold(String part, String expected) throws IOException {
    String begin = "<!-- " + part + ":begin -->\n";
    String end = "<!-- " + part + ":end -->";
    String page = Files.readString(PAGE);
    int from = page.indexOf(begin) + begin.length();
    int to = page.indexOf(end);
    assertThat(to).as("the page has a part named " + part).isGreaterThanOrEqualTo(from);
    if (Boolean.getBoolean("rewrite")) {
      Files.writeString(PAGE, page.substring(0, from) + expected + page.substring(to));
      return;
    }
    assertThat(page.substring(from, to))
        .as(
            "docs/compatibility.md differs from the code; after checking that this is meant: "
                + "./mvnw -pl rutile-verify test -Dtest=CompatibilityPageTest -Drewrite=true")
        .isEqualTo(expected);
  }
}
