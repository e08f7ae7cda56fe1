package io.rutile.verify.process;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.IntFunction;

/**
 * Stands before one server and passes on what others send to it, as far as {@link Links} let it. It
 * tells by the port of a connection which process opened it. Threads of its own: one that accepts,
 * two for each connection.
 */
public final class ChaosProxy implements AutoCloseable {
  private static final int CHUNK_BYTES = 64 * 1024;
  private static final int CONNECT_MILLIS = 2_000;
  private static final long LOOK_NANOS = TimeUnit.MILLISECONDS.toNanos(5);

  private final String server;
  private final int serverPort;
  private final Links links;
  private final IntFunction<String> ownerOfPort;
  private final ServerSocket listener;
  private final Set<Connection> connections = ConcurrentHashMap.newKeySet();

  /**
   * @param port where to listen
   * @param server name of the server in {@code links}
   * @param ownerOfPort name of the process that opened the connection from this local port
   */
  public ChaosProxy(
      int port, String server, int serverPort, Links links, IntFunction<String> ownerOfPort) {
    this.server = server;
    this.serverPort = serverPort;
    this.links = links;
    this.ownerOfPort = ownerOfPort;
    try {
      this.listener = new ServerSocket(port, 128, InetAddress.getLoopbackAddress());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    Thread.ofPlatform().daemon().name("proxy-" + server).start(this::accept);
    Thread.ofPlatform().daemon().name("proxy-cut-" + server).start(this::cutConnections);
  }

  private void accept() {
    while (!listener.isClosed()) {
      try {
        Socket client = listener.accept();
        Thread.ofVirtual().start(() -> open(client));
      } catch (IOException e) {
        if (!listener.isClosed()) {
          throw new UncheckedIOException(e);
        }
      }
    }
  }

  private void open(Socket client) {
    String from = ownerOfPort.apply(client.getPort());
    Connection connection = new Connection(from, client, new Socket());
    connections.add(connection);
    try {
      while (links.state(from, server) == Links.State.STALL && !client.isClosed()) {
        LockSupport.parkNanos(LOOK_NANOS);
      }
      if (links.state(from, server) == Links.State.CUT) {
        connection.close();
        return;
      }
      connection.target.connect(
          new InetSocketAddress(InetAddress.getLoopbackAddress(), serverPort), CONNECT_MILLIS);
      client.setTcpNoDelay(true);
      connection.target.setTcpNoDelay(true);
      Thread.ofVirtual().start(() -> connection.pump(client, connection.target));
      connection.pump(connection.target, client);
    } catch (IOException e) {
      connection.close(); // the server is not there, as the client will see
    }
  }

  /** Ends connections whose link was cut, idle ones too. */
  private void cutConnections() {
    while (!listener.isClosed()) {
      for (Connection connection : connections) {
        if (links.state(connection.from, server) == Links.State.CUT) {
          connection.close();
        }
      }
      LockSupport.parkNanos(LOOK_NANOS);
    }
  }

  @Override
  public void close() {
    try {
      listener.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    connections.forEach(Connection::close);
  }

  private final class Connection {
    private final String from;
    private final Socket client;
    private final Socket target;

    Connection(String from, Socket client, Socket target) {
      this.from = from;
      this.client = client;
      this.target = target;
    }

    /** Copies one direction until an end closes or the link is cut; then both ends close. */
    void pump(Socket source, Socket sink) {
      byte[] chunk = new byte[CHUNK_BYTES];
      try {
        InputStream in = source.getInputStream();
        OutputStream out = sink.getOutputStream();
        int read = in.read(chunk);
        while (read >= 0) {
          hold();
          out.write(chunk, 0, read);
          read = in.read(chunk);
        }
      } catch (IOException e) {
        // One end is gone: so will be the other.
      } finally {
        close();
      }
    }

    private void hold() {
      long delay = links.delayMillis(from, server);
      if (delay > 0) {
        LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(delay));
      }
      while (links.state(from, server) == Links.State.STALL && !client.isClosed()) {
        LockSupport.parkNanos(LOOK_NANOS);
      }
    }

    void close() {
      connections.remove(this);
      try (client;
          target) {
        // Closing is all.
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }
}
