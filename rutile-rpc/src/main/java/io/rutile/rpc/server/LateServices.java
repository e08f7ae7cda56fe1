package io.rutile.rpc.server;

import io.grpc.BindableService;
import io.grpc.HandlerRegistry;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.ServerCall;
import io.grpc.ServerMethodDefinition;
import io.grpc.Status;
import io.grpc.util.MutableHandlerRegistry;
import java.io.ByteArrayInputStream;
import java.io.InputStream;
import org.jspecify.annotations.Nullable;

/**
 * Services that are added to a running server. While the server does not serve yet, a call that
 * nobody takes is UNAVAILABLE: clients come again, whereas UNIMPLEMENTED tells them that they never
 * need to. Safe for use by any thread.
 */
final class LateServices extends HandlerRegistry {
  private static final Status NOT_YET =
      Status.UNAVAILABLE.withDescription("the server does not serve yet");

  private final MutableHandlerRegistry services = new MutableHandlerRegistry();
  private volatile boolean serving;

  /**
   * @param serving whether what is missing is missing for good
   */
  LateServices(boolean serving) {
    this.serving = serving;
  }

  void setServing(boolean changed) {
    serving = changed;
  }

  void add(BindableService service) {
    services.addService(service);
  }

  @Override
  public @Nullable ServerMethodDefinition<?, ?> lookupMethod(
      String name, @Nullable String authority) {
    ServerMethodDefinition<?, ?> found = services.lookupMethod(name, authority);
    return found != null || serving ? found : refusal(name);
  }

  private static ServerMethodDefinition<InputStream, InputStream> refusal(String name) {
    MethodDescriptor<InputStream, InputStream> method =
        MethodDescriptor.<InputStream, InputStream>newBuilder()
            .setType(MethodDescriptor.MethodType.UNKNOWN)
            .setFullMethodName(name)
            .setRequestMarshaller(new Unread())
            .setResponseMarshaller(new Unread())
            .build();
    return ServerMethodDefinition.create(
        method,
        (call, headers) -> {
          call.close(NOT_YET, new Metadata());
          return new ServerCall.Listener<>() {};
        });
  }

  /** Messages of a call that is refused. */
  private static final class Unread implements MethodDescriptor.Marshaller<InputStream> {
    @Override
    public InputStream stream(InputStream value) {
      return value;
    }

    @Override
    public InputStream parse(InputStream stream) {
      return new ByteArrayInputStream(new byte[0]);
    }
  }
}
