package io.rutile.verify.mutant;

import java.lang.classfile.CodeTransform;

/**
 * One planted fault.
 *
 * @param name as it is reported
 * @param className binary name of the class that is changed
 * @param methodName the method, all overloads of it
 * @param transform what becomes of the method's code
 */
public record Mutant(String name, String className, String methodName, CodeTransform transform) {
  @Override
  public String toString() {
    return name;
  }
}
