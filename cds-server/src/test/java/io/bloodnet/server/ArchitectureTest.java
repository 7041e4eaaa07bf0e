package io.bloodnet.server;

import static com.tngtech.archunit.core.domain.JavaCall.Predicates.target;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.assignableTo;
import static com.tngtech.archunit.core.domain.properties.HasName.Predicates.nameStartingWith;
import static com.tngtech.archunit.core.domain.properties.HasOwner.Predicates.With.owner;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import ai.onnxruntime.OrtEnvironment;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import io.bloodnet.imaging.bloodnet.OnnxEngine;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Dependencies point one way (DESIGN section 2): a change that turns one round fails here. */
class ArchitectureTest {

    private static JavaClasses ours;

    @BeforeAll
    static void read() {
        ours = new ClassFileImporter()
                .withImportOption(new ImportOption.DoNotIncludeTests())
                .importPackages("io.bloodnet");
    }

    @Test
    void audit_depends_on_nothing_of_ours() {
        noClasses()
                .that()
                .resideInAPackage("io.bloodnet.audit..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(
                        "io.bloodnet.imaging..",
                        "io.bloodnet.fhir..",
                        "io.bloodnet.hl7..",
                        "io.bloodnet.server..",
                        "io.bloodnet.sandbox..")
                .check(ours);
    }

    @Test
    void imaging_knows_no_edge_and_no_server() {
        noClasses()
                .that()
                .resideInAPackage("io.bloodnet.imaging..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(
                        "io.bloodnet.audit..",
                        "io.bloodnet.fhir..",
                        "io.bloodnet.hl7..",
                        "io.bloodnet.server..",
                        "io.bloodnet.sandbox..")
                .check(ours);
    }

    /** Whoever opens it otherwise opens it with its makers' telemetry. */
    @Test
    void onnx_runtime_is_opened_in_one_place() {
        noClasses()
                .that()
                .doNotHaveFullyQualifiedName(OnnxEngine.class.getName())
                .should()
                .callMethodWhere(target(owner(assignableTo(OrtEnvironment.class)))
                        .and(target(nameStartingWith("getEnvironment"))))
                .check(ours);
    }

    @Test
    void edges_know_neither_each_other_nor_the_server() {
        noClasses()
                .that()
                .resideInAPackage("io.bloodnet.fhir..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("io.bloodnet.hl7..", "io.bloodnet.server..", "io.bloodnet.sandbox..")
                .check(ours);
        noClasses()
                .that()
                .resideInAPackage("io.bloodnet.hl7..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("io.bloodnet.fhir..", "io.bloodnet.server..", "io.bloodnet.sandbox..")
                .check(ours);
    }

    @Test
    void the_server_knows_no_sandbox_and_the_sandbox_no_edge() {
        noClasses()
                .that()
                .resideInAPackage("io.bloodnet.server..")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("io.bloodnet.sandbox..")
                .check(ours);
        noClasses()
                .that()
                .resideInAPackage("io.bloodnet.sandbox..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(
                        "io.bloodnet.audit..", "io.bloodnet.fhir..", "io.bloodnet.hl7..", "io.bloodnet.server..")
                .check(ours);
    }

    @Test
    void library_types_stop_inside_the_adapter_that_knows_them() {
        noClasses()
                .that()
                .resideOutsideOfPackages("io.bloodnet.hl7..")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("ca.uhn.hl7v2..")
                .check(ours);
        noClasses()
                .that()
                .resideOutsideOfPackages("io.bloodnet.imaging.bloodnet..")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("ai.onnxruntime..")
                .check(ours);
        noClasses()
                .that()
                .resideInAPackage("io.bloodnet.server.pipeline..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("io.bloodnet.fhir..", "io.bloodnet.hl7..", "io.helidon..", "org.hl7..", "ca.uhn..")
                .check(ours);
    }

    @ParameterizedTest
    @ValueSource(strings = {"audit", "imaging", "fhir", "hl7", "sandbox", "server"})
    void packages_have_no_cycles(String module) {
        slices().matching("io.bloodnet." + module + ".(**)")
                .should()
                .beFreeOfCycles()
                .check(ours);
    }

    /** A room that holds more is two rooms: a newcomer no longer sees at a glance what it is for. */
    @Test
    void no_package_has_more_than_twenty_files() {
        Map<String, Long> files = ours.stream()
                .filter(type -> !type.isNestedClass() && !type.getSimpleName().equals("package-info"))
                .collect(Collectors.groupingBy(JavaClass::getPackageName, Collectors.counting()));
        assertThat(files)
                .isNotEmpty()
                .allSatisfy((room, count) -> assertThat(count).as(room).isLessThanOrEqualTo(20));
    }
}
