package io.rutile.verify.process;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Members of one PD group as processes of their own, on ports that stay theirs. One test thread.
 */
public final class PdProcesses implements AutoCloseable {
  private final Path directory;
  private final List<Integer> clientPorts = new ArrayList<>();
  private final List<Integer> peerPorts = new ArrayList<>();
  private final List<RutileProcess> processes = new ArrayList<>();

  private PdProcesses(Path directory) {
    this.directory = directory;
  }

  /** Starts {@code members} members that found a group. */
  public static PdProcesses start(Path directory, int members) {
    PdProcesses group = new PdProcesses(directory);
    for (int i = 0; i < members; i++) {
      group.clientPorts.add(Loopback.freePorts(1));
      group.peerPorts.add(Loopback.freePorts(1));
    }
    for (int i = 0; i < members; i++) {
      group.processes.add(group.launch(i));
    }
    return group;
  }

  private RutileProcess launch(int member) {
    List<String> founders = new ArrayList<>();
    for (int i = 0; i < peerPorts.size(); i++) {
      founders.add("pd" + i + "=http://127.0.0.1:" + peerPorts.get(i));
    }
    return RutileProcess.start(
        directory.resolve("pd" + member + ".log"),
        List.of(
            "pd-server",
            "--name=pd" + member,
            "--data-dir=" + directory.resolve("pd" + member),
            "--client-urls=http://" + endpoint(member),
            "--peer-urls=http://127.0.0.1:" + peerPorts.get(member),
            "--initial-cluster=" + String.join(",", founders)));
  }

  /** {@code host:port} where clients reach a member. */
  public String endpoint(int member) {
    return "127.0.0.1:" + clientPorts.get(member);
  }

  public List<String> endpoints() {
    return IntStream.range(0, clientPorts.size()).mapToObj(this::endpoint).toList();
  }

  public RutileProcess process(int member) {
    return processes.get(member);
  }

  /** The member at that address. */
  public int memberAt(String endpoint) {
    return endpoints().indexOf(endpoint);
  }

  /** Starts a member again that was killed. */
  public void restart(int member) {
    processes.set(member, launch(member));
  }

  @Override
  public void close() {
    processes.forEach(RutileProcess::close);
  }
}
