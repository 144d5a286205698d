package io.wadi.testing;

import static org.junit.platform.commons.support.AnnotationSupport.findAnnotation;

import org.junit.jupiter.api.extension.ConditionEvaluationResult;
import org.junit.jupiter.api.extension.ExecutionCondition;
import org.junit.jupiter.api.extension.ExtensionContext;

import java.util.Arrays;
import java.util.List;

/** The condition behind {@link RequiresTool}. */
final class RequiresToolCondition implements ExecutionCondition {
    @Override
    public ConditionEvaluationResult evaluateExecutionCondition(ExtensionContext context) {
        List<String> missing =
                findAnnotation(context.getElement(), RequiresTool.class).stream()
                        .flatMap(annotation -> Arrays.stream(annotation.value()))
                        .filter(tool -> Tools.onPath(tool).isEmpty())
                        .toList();
        if (missing.isEmpty()) {
            return ConditionEvaluationResult.enabled("all tools are there");
        }
        String line =
                context.getDisplayName()
                        + " needs "
                        + String.join(", ", missing)
                        + ": on Debian, apt-get install "
                        + String.join(" ", missing.stream().map(Tools::debianPackage).toList());
        if (Tools.isCi()) {
            throw new IllegalStateException(line);
        }
        System.err.println("SKIPPED: " + line);
        return ConditionEvaluationResult.disabled(line);
    }
}
