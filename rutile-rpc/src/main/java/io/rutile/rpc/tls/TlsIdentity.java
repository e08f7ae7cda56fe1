package io.rutile.rpc.tls;

import io.grpc.netty.GrpcSslContexts;
import io.grpc.util.AdvancedTlsX509KeyManager;
import io.grpc.util.AdvancedTlsX509TrustManager;
import io.netty.handler.ssl.ClientAuth;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import io.rutile.base.tls.TlsFiles;
import java.io.IOException;
import java.security.GeneralSecurityException;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;

/**
 * One process's certificate, key and trusted authorities. The files are looked at every second or
 * so on an own daemon thread; when they have changed, connections made from then on use the new
 * ones and existing connections go on. Files that cannot be read then are ignored until they can.
 *
 * <p>Safe for use by any thread. Whoever made it closes it after the servers and channels that use
 * it.
 */
public final class TlsIdentity implements AutoCloseable {
  /** How often files are looked at when nothing else is said. */
  public static final long RELOAD_MILLIS = 1_000;

  private final TlsFiles files;
  private final ScheduledExecutorService reloader;
  private final SslContext server;
  private final SslContext client;
  private final SSLContext httpClient;

  private TlsIdentity(
      TlsFiles files,
      ScheduledExecutorService reloader,
      SslContext server,
      SslContext client,
      SSLContext httpClient) {
    this.files = files;
    this.reloader = reloader;
    this.server = server;
    this.client = client;
    this.httpClient = httpClient;
  }

  /**
   * @throws TlsException when a file is missing or malformed
   */
  public static TlsIdentity load(TlsFiles files) {
    return load(files, RELOAD_MILLIS);
  }

  /**
   * @param reloadMillis how often to look at the files
   * @throws TlsException when a file is missing or malformed
   */
  public static TlsIdentity load(TlsFiles files, long reloadMillis) {
    ScheduledExecutorService reloader =
        Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().daemon().name("tls-reload").factory());
    try {
      AdvancedTlsX509KeyManager key = new AdvancedTlsX509KeyManager();
      AdvancedTlsX509TrustManager trust = AdvancedTlsX509TrustManager.newBuilder().build();
      TlsReload reload = new TlsReload(files, key, trust);
      reload.load();
      reloader.scheduleWithFixedDelay(reload, reloadMillis, reloadMillis, TimeUnit.MILLISECONDS);
      SslContext server =
          GrpcSslContexts.configure(SslContextBuilder.forServer(key), SslProvider.JDK)
              .trustManager(trust)
              .clientAuth(ClientAuth.REQUIRE)
              .build();
      SslContext client =
          GrpcSslContexts.configure(SslContextBuilder.forClient(), SslProvider.JDK)
              .keyManager(key)
              .trustManager(trust)
              .build();
      SSLContext httpClient = SSLContext.getInstance("TLS");
      httpClient.init(new KeyManager[] {key}, new TrustManager[] {trust}, null);
      return new TlsIdentity(files, reloader, server, client, httpClient);
    } catch (IOException | GeneralSecurityException | RuntimeException e) {
      reloader.shutdownNow();
      throw new TlsException(
          "cannot use the certificate files "
              + files.cert()
              + ", "
              + files.key()
              + " and "
              + files.ca()
              + ": "
              + e.getMessage(),
          e);
    }
  }

  public TlsFiles files() {
    return files;
  }

  public SslContext serverContext() {
    return server;
  }

  public SslContext clientContext() {
    return client;
  }

  /** For {@code java.net.http}. */
  public SSLContext httpClientContext() {
    return httpClient;
  }

  @Override
  public void close() {
    reloader.shutdownNow();
  }
}
