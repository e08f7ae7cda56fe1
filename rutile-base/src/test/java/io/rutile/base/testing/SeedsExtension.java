package io.rutile.base.testing;

import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.extension.Extension;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;
import org.junit.jupiter.api.extension.TestExecutionExceptionHandler;
import org.junit.jupiter.api.extension.TestTemplateInvocationContext;
import org.junit.jupiter.api.extension.TestTemplateInvocationContextProvider;

/** Turns {@link Seeds} into runs. */
final class SeedsExtension implements TestTemplateInvocationContextProvider {
  private static final String ONE = "rutile.seed";
  private static final String BASE = "rutile.seed.base";

  @Override
  public boolean supportsTestTemplate(ExtensionContext context) {
    return context.getRequiredTestMethod().isAnnotationPresent(Seeds.class);
  }

  @Override
  public Stream<TestTemplateInvocationContext> provideTestTemplateInvocationContexts(
      ExtensionContext context) {
    int count = context.getRequiredTestMethod().getAnnotation(Seeds.class).value();
    String one = System.getProperty(ONE);
    LongStream seeds =
        one != null
            ? LongStream.of(Long.parseLong(one))
            : new SplittableRandom(Long.getLong(BASE, 1)).longs(count, 0, 1L << 48);
    return seeds.mapToObj(Run::new);
  }

  private record Run(long seed)
      implements TestTemplateInvocationContext, ParameterResolver, TestExecutionExceptionHandler {
    @Override
    public String getDisplayName(int invocationIndex) {
      return "seed=" + seed;
    }

    @Override
    public List<Extension> getAdditionalExtensions() {
      return List.of(this);
    }

    @Override
    public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
      return parameter.getParameter().getType() == long.class;
    }

    @Override
    public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
      return seed;
    }

    @Override
    public void handleTestExecutionException(ExtensionContext context, Throwable failure)
        throws Throwable {
      System.err.println(context.getDisplayName() + ": run it alone with -D" + ONE + "=" + seed);
      failure.addSuppressed(new SeedNote(seed));
      throw failure;
    }
  }

  /** Carries the seed into the report of a failure. */
  private static final class SeedNote extends RuntimeException {
    SeedNote(long seed) {
      super("run it alone with -D" + ONE + "=" + seed, null, false, false);
    }
  }
}
