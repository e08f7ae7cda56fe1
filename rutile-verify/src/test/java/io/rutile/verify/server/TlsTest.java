package io.rutile.verify.server;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.netty.handler.ssl.JdkSslContext;
import io.rutile.base.tls.TlsFiles;
import io.rutile.pd.PdServerConfig;
import io.rutile.pd.config.PdFile;
import io.rutile.proto.kvrpcpb.RawGetRequest;
import io.rutile.proto.tikvpb.TikvGrpc;
import io.rutile.rpc.channel.ChannelOptions;
import io.rutile.rpc.channel.ChannelPool;
import io.rutile.rpc.tls.TlsException;
import io.rutile.rpc.tls.TlsIdentity;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A cluster in which everybody shows a certificate: clients, store and PD, on every port. One
 * authority signs all of them; only two names are admitted.
 */
class TlsTest {
  @TempDir Path directory;

  private Certificates certificates;
  private TlsFiles nodeFiles;
  private OneNode node;
  private TlsIdentity client;

  @BeforeEach
  void start() throws Exception {
    certificates = Certificates.create(directory.resolve("certificates"));
    nodeFiles = certificates.issue("node");
    client = TlsIdentity.load(certificates.issue("client"));
    String security =
        """
        %s = "%s"
        cert-path = "%s"
        key-path = "%s"
        cert-allowed-cn = ["node", "client"]
        """;
    Path pdFile =
        Files.writeString(
            directory.resolve("pd.toml"),
            "client-urls = \"https://127.0.0.1:0\"\npeer-urls = \"https://127.0.0.1:0\"\n[security]\n"
                + security.formatted(
                    "cacert-path", nodeFiles.ca(), nodeFiles.cert(), nodeFiles.key()));
    PdFile pd = PdFile.load(pdFile, Map.of("data-dir", directory.resolve("pd").toString()), "host");
    node =
        OneNode.start(
            PdServerConfig.of(pd),
            directory,
            Map.of(
                "security.ca-path", nodeFiles.ca().toString(),
                "security.cert-path", nodeFiles.cert().toString(),
                "security.key-path", nodeFiles.key().toString(),
                "security.cert-allowed-cn", "node,client"));
  }

  @AfterEach
  void stop() {
    node.close();
    client.close();
  }

  @Test
  void onlyAdmittedNamesGetThroughAndNewCertificatesAreTakenWhileRunning() throws Exception {
    assertThat(node.pd.clientUrl()).startsWith("https://");
    try (OneNode.Client kv = node.client(ChannelOptions.DEFAULT.withTls(client.clientContext()))) {
      kv.raw.put("key".getBytes(UTF_8), "value".getBytes(UTF_8), 0, false);
      assertThat(kv.raw.get("key".getBytes(UTF_8)).orElseThrow()).asString().isEqualTo("value");

      assertThat(http(client, node.store.statusAddress(), "/status")).startsWith("HTTP/1.1 200");
      assertThat(http(client, pdAddress(), "/pd/api/v1/version")).startsWith("HTTP/1.1 200");
      strangersAndPlainTextAreRefused();
      aBrokenFileIsNamed();

      String before = serial(node.store.address());
      certificates.issueInto("node", "node");
      for (String address : new String[] {node.store.address(), node.store.statusAddress()}) {
        await().atMost(30, TimeUnit.SECONDS).until(() -> !serial(address).equals(before));
      }
      kv.raw.put("key".getBytes(UTF_8), "later".getBytes(UTF_8), 0, false);
      assertThat(kv.raw.get("key".getBytes(UTF_8)).orElseThrow()).asString().isEqualTo("later");
    }
    assertThat(node.fatal).isEmpty();
  }

  private void strangersAndPlainTextAreRefused() throws Exception {
    try (TlsIdentity stranger = TlsIdentity.load(certificates.issue("stranger"));
        ChannelPool strange =
            new ChannelPool(ChannelOptions.DEFAULT.withTls(stranger.clientContext()));
        ChannelPool plain = new ChannelPool(ChannelOptions.DEFAULT)) {
      assertThat(status(strange)).isEqualTo(Status.Code.PERMISSION_DENIED);
      assertThat(status(plain)).isEqualTo(Status.Code.UNAVAILABLE);
      assertThat(http(stranger, node.store.statusAddress(), "/status")).startsWith("HTTP/1.1 403");
      assertThat(http(stranger, pdAddress(), "/pd/api/v1/version")).startsWith("HTTP/1.1 403");
    }
  }

  private void aBrokenFileIsNamed() throws Exception {
    Path broken = Files.writeString(directory.resolve("broken.pem"), "not a certificate");
    TlsFiles files =
        new TlsFiles(nodeFiles.ca(), broken, nodeFiles.key(), nodeFiles.allowedNames());
    assertThatThrownBy(() -> TlsIdentity.load(files))
        .isInstanceOf(TlsException.class)
        .hasMessageContaining(broken.toString());
  }

  private Status.Code status(ChannelPool channels) {
    TikvGrpc.TikvBlockingStub stub =
        TikvGrpc.newBlockingStub(channels.channel(node.store.address()))
            .withDeadlineAfter(20, TimeUnit.SECONDS);
    try {
      stub.rawGet(RawGetRequest.getDefaultInstance());
      return Status.Code.OK;
    } catch (StatusRuntimeException e) {
      return e.getStatus().getCode();
    }
  }

  private String pdAddress() {
    return node.pd.clientUrl().substring("https://".length());
  }

  /** The status line of an answer. */
  private static String http(TlsIdentity identity, String address, String path) throws Exception {
    try (SSLSocket socket = connect(identity, address)) {
      String request = "GET " + path + " HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
      socket.getOutputStream().write(request.getBytes(UTF_8));
      return new String(socket.getInputStream().readNBytes(12), UTF_8);
    }
  }

  /** Which certificate a server shows to a new connection. */
  private String serial(String address) {
    try (SSLSocket socket = connect(client, address)) {
      X509Certificate shown = (X509Certificate) socket.getSession().getPeerCertificates()[0];
      socket.getSession().invalidate(); // the next connection shall not resume this one
      return shown.getSerialNumber().toString();
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }

  private static SSLSocket connect(TlsIdentity identity, String address) throws IOException {
    int colon = address.lastIndexOf(':');
    SSLSocket socket =
        (SSLSocket)
            ((JdkSslContext) identity.clientContext())
                .context()
                .getSocketFactory()
                .createSocket(
                    address.substring(0, colon), Integer.parseInt(address.substring(colon + 1)));
    SSLParameters parameters = socket.getSSLParameters();
    parameters.setEndpointIdentificationAlgorithm("HTTPS");
    socket.setSSLParameters(parameters);
    socket.startHandshake();
    return socket;
  }
}
