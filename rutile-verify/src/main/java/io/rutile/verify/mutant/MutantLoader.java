package io.rutile.verify.mutant;

import java.io.IOException;
import java.io.InputStream;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassModel;
import java.lang.classfile.ClassTransform;
import java.util.Arrays;
import java.util.List;

/** Loads the packages under test anew, with one class changed; everything else is shared. */
public final class MutantLoader extends ClassLoader {
  private final Mutant mutant;
  private final List<String> prefixes;

  /**
   * @param prefixes of the names of classes to load anew
   */
  public MutantLoader(Mutant mutant, List<String> prefixes) {
    super(MutantLoader.class.getClassLoader());
    this.mutant = mutant;
    this.prefixes = List.copyOf(prefixes);
  }

  @Override
  protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
    if (prefixes.stream().noneMatch(name::startsWith)) {
      return super.loadClass(name, resolve);
    }
    synchronized (getClassLoadingLock(name)) {
      Class<?> loaded = findLoadedClass(name);
      return loaded != null ? loaded : define(name);
    }
  }

  private Class<?> define(String name) throws ClassNotFoundException {
    byte[] code = read(name);
    if (name.equals(mutant.className())) {
      code = mutate(code);
    }
    return defineClass(name, code, 0, code.length);
  }

  private byte[] read(String name) throws ClassNotFoundException {
    String resource = name.replace('.', '/') + ".class";
    try (InputStream in = getParent().getResourceAsStream(resource)) {
      if (in == null) {
        throw new ClassNotFoundException(name);
      }
      return in.readAllBytes();
    } catch (IOException e) {
      throw new ClassNotFoundException(name, e);
    }
  }

  private byte[] mutate(byte[] code) {
    ClassModel model = ClassFile.of().parse(code);
    boolean found =
        model.methods().stream()
            .anyMatch(method -> method.methodName().equalsString(mutant.methodName()));
    if (!found) {
      throw new IllegalArgumentException("no method to change for mutant " + mutant);
    }
    byte[] changed =
        ClassFile.of()
            .transformClass(
                model,
                ClassTransform.transformingMethodBodies(
                    method -> method.methodName().equalsString(mutant.methodName()),
                    mutant.transform()));
    if (Arrays.equals(changed, code)) {
      throw new IllegalArgumentException("mutant " + mutant + " changes nothing");
    }
    return changed;
  }
}
