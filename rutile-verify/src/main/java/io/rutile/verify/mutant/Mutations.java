package io.rutile.verify.mutant;

import java.lang.classfile.CodeBuilder;
import java.lang.classfile.CodeElement;
import java.lang.classfile.CodeTransform;
import java.lang.classfile.Opcode;
import java.lang.classfile.instruction.FieldInstruction;
import java.lang.classfile.instruction.InvokeInstruction;
import java.util.function.Consumer;

/** Ways to break a method. */
public final class Mutations {
  private Mutations() {}

  /** The whole body becomes {@code body}. */
  public static CodeTransform replaceBody(Consumer<CodeBuilder> body) {
    return new CodeTransform() {
      @Override
      public void accept(CodeBuilder builder, CodeElement element) {
        // The old code goes.
      }

      @Override
      public void atEnd(CodeBuilder builder) {
        body.accept(builder);
      }
    };
  }

  public static CodeTransform returnBoolean(boolean value) {
    return replaceBody(code -> code.loadConstant(value ? 1 : 0).ireturn());
  }

  public static CodeTransform doNothing() {
    return replaceBody(CodeBuilder::return_);
  }

  /** {@code Math.min(a, b)} on longs becomes a, or b. */
  public static CodeTransform insteadOfMin(boolean first) {
    return (builder, element) -> {
      boolean isMin =
          element instanceof InvokeInstruction call
              && call.owner().name().equalsString("java/lang/Math")
              && call.name().equalsString("min")
              && call.type().equalsString("(JJ)J");
      if (!isMin) {
        builder.with(element);
      } else if (first) {
        builder.pop2();
      } else {
        builder.dup2_x2().pop2().pop2();
      }
    };
  }

  /** Assignments to the field do not happen. */
  public static CodeTransform dropAssignment(String field) {
    return (builder, element) -> {
      if (element instanceof FieldInstruction access
          && access.opcode() == Opcode.PUTFIELD
          && access.name().equalsString(field)) {
        boolean wide = access.type().equalsString("J") || access.type().equalsString("D");
        (wide ? builder.pop2() : builder.pop()).pop();
      } else {
        builder.with(element);
      }
    };
  }

  /** The field of type long reads as 0. */
  public static CodeTransform readAsZero(String field) {
    return (builder, element) -> {
      if (element instanceof FieldInstruction access
          && access.opcode() == Opcode.GETFIELD
          && access.name().equalsString(field)) {
        builder.pop().lconst_0();
      } else {
        builder.with(element);
      }
    };
  }

  /**
   * Calls of a method become {@code instead}, which finds the arguments on the stack and leaves the
   * result.
   *
   * @param owner simple name of the class that the call names, nested ones with a dollar sign
   */
  public static CodeTransform insteadOfCall(
      String owner, String method, Consumer<CodeBuilder> instead) {
    return (builder, element) -> {
      if (isCall(element, owner, method)) {
        instead.accept(builder);
      } else {
        builder.with(element);
      }
    };
  }

  /** {@code before} runs ahead of calls of a method, with the arguments on the stack. */
  public static CodeTransform beforeCall(
      String owner, String method, Consumer<CodeBuilder> before) {
    return (builder, element) -> {
      if (isCall(element, owner, method)) {
        before.accept(builder);
      }
      builder.with(element);
    };
  }

  /** Code in front of a method's own. */
  public static CodeTransform atStart(Consumer<CodeBuilder> first) {
    return new CodeTransform() {
      @Override
      public void atStart(CodeBuilder builder) {
        first.accept(builder);
      }

      @Override
      public void accept(CodeBuilder builder, CodeElement element) {
        builder.with(element);
      }
    };
  }

  private static boolean isCall(CodeElement element, String owner, String method) {
    return element instanceof InvokeInstruction call
        && call.owner().name().stringValue().endsWith("/" + owner)
        && call.name().equalsString(method);
  }
}
