package io.rutile.rpc.server;

import io.grpc.MethodDescriptor;
import io.grpc.MethodDescriptor.Marshaller;
import io.grpc.MethodDescriptor.MethodType;
import io.grpc.ServerServiceDefinition;
import io.grpc.stub.ServerCalls;
import io.grpc.stub.StreamObserver;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.function.BiConsumer;

/** A unary method on plain bytes whose behaviour a test gives. */
public final class EchoService {
  public static final MethodDescriptor<byte[], byte[]> ECHO =
      MethodDescriptor.<byte[], byte[]>newBuilder()
          .setType(MethodType.UNARY)
          .setFullMethodName("rutile.test.Echo/Echo")
          .setRequestMarshaller(bytes())
          .setResponseMarshaller(bytes())
          .build();

  private EchoService() {}

  public static ServerServiceDefinition echo() {
    return with((request, response) -> {
      response.onNext(request);
      response.onCompleted();
    });
  }

  public static ServerServiceDefinition with(BiConsumer<byte[], StreamObserver<byte[]>> handler) {
    return ServerServiceDefinition.builder("rutile.test.Echo")
        .addMethod(ECHO, ServerCalls.asyncUnaryCall(handler::accept))
        .build();
  }

  private static Marshaller<byte[]> bytes() {
    return new Marshaller<>() {
      @Override
      public InputStream stream(byte[] value) {
        return new ByteArrayInputStream(value);
      }

      @Override
      public byte[] parse(InputStream stream) {
        try {
          return stream.readAllBytes();
        } catch (IOException e) {
          throw new UncheckedIOException(e);
        }
      }
    };
  }
}
