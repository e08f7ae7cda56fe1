package io.rutile.base.testing;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.TestTemplate;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * A test that runs once for each of {@code value} seeds and takes the seed as its {@code long}
 * parameter. Each seed is in the name of its run and in the failure. {@code -Drutile.seed=S} runs
 * that seed alone; {@code -Drutile.seed.base=B} runs other seeds than the usual ones.
 */
@Target(ElementType.METHOD)
@Retention(RetentionPolicy.RUNTIME)
@TestTemplate
@ExtendWith(SeedsExtension.class)
public @interface Seeds {
  /** How many seeds. */
  int value();
}
