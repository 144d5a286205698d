package io.wadi;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.importer.ImportOption.DoNotIncludeTests;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

/** The arrows between the packages, as docs/ARCHITECTURE.md draws them. */
@AnalyzeClasses(packages = "io.wadi", importOptions = DoNotIncludeTests.class)
class ArchitectureTest {
    private static final String[] FORMATS = {
        "io.wadi.ts..",
        "io.wadi.codec..",
        "io.wadi.fmp4..",
        "io.wadi.matroska..",
        "io.wadi.flv..",
        "io.wadi.amf.."
    };

    /** Between the ring and the protocols: what several of them share. */
    private static final String[] SHARED = {
        "io.wadi.http..", "io.wadi.segment..", "io.wadi.fanout..", "io.wadi.disk.."
    };

    private static final String[] PROTOCOLS = {
        "io.wadi.rtmp..",
        "io.wadi.hls..",
        "io.wadi.dash..",
        "io.wadi.httpts..",
        "io.wadi.httpflv..",
        "io.wadi.ffmpeg..",
        "io.wadi.srt..",
        "io.wadi.rtsp..",
        "io.wadi.udp..",
        "io.wadi.dvr..",
        "io.wadi.webrtc.."
    };

    private static final String[] CONTROL = {
        "io.wadi.stream..", "io.wadi.store..", "io.wadi.api..", "io.wadi.app.."
    };

    @ArchTest
    static final ArchRule FORMATS_ARE_PURE =
            classes()
                    .that()
                    .resideInAnyPackage(FORMATS)
                    .should()
                    .onlyDependOnClassesThat()
                    .resideInAnyPackage(
                            both(FORMATS, "java..", "io.netty.buffer..", "io.netty.util.."));

    @ArchTest
    static final ArchRule FORMATS_HAVE_NO_THREADS_CLOCKS_OR_FILES =
            noClasses()
                    .that()
                    .resideInAnyPackage(FORMATS)
                    .should()
                    .dependOnClassesThat()
                    .resideInAnyPackage(
                            "java.net..",
                            "java.nio.file..",
                            "java.nio.channels..",
                            "java.util.logging..")
                    .orShould()
                    .dependOnClassesThat()
                    .belongToAnyOf(Thread.class, java.time.Clock.class, java.io.File.class);

    @ArchTest
    static final ArchRule RING_KNOWS_FORMATS_ONLY =
            noClasses()
                    .that()
                    .resideInAPackage("io.wadi.ring..")
                    .should()
                    .dependOnClassesThat()
                    .resideInAnyPackage(both(both(PROTOCOLS, SHARED), CONTROL));

    @ArchTest
    static final ArchRule SHARED_PACKAGES_KNOW_NO_PROTOCOL =
            noClasses()
                    .that()
                    .resideInAnyPackage(SHARED)
                    .should()
                    .dependOnClassesThat()
                    .resideInAnyPackage(both(PROTOCOLS, CONTROL));

    @ArchTest
    static final ArchRule PROTOCOLS_KNOW_NO_CONTROL_PLANE =
            noClasses()
                    .that()
                    .resideInAnyPackage(PROTOCOLS)
                    .should()
                    .dependOnClassesThat()
                    .resideInAnyPackage(CONTROL)
                    .allowEmptyShould(true);

    @ArchTest
    static final ArchRule PROTOCOLS_DO_NOT_KNOW_EACH_OTHER =
            slices().matching(
                            "io.wadi.(rtmp|hls|dash|httpts|httpflv|ffmpeg|srt|rtsp|udp|dvr|webrtc)..")
                    .should()
                    .notDependOnEachOther();

    @ArchTest
    static final ArchRule STREAMS_ARE_NOT_WIRED_TO_PROTOCOLS =
            noClasses()
                    .that()
                    .resideInAPackage("io.wadi.stream..")
                    .should()
                    .dependOnClassesThat()
                    .resideInAnyPackage(
                            both(PROTOCOLS, "io.wadi.api..", "io.wadi.app..", "io.wadi.store.."))
                    .allowEmptyShould(true);

    @ArchTest
    static final ArchRule SPRING_IS_THE_ASSEMBLY_ONLY =
            noClasses()
                    .that()
                    .resideOutsideOfPackages("io.wadi.app..", "io.wadi.store..", "io.wadi.api..")
                    .should()
                    .dependOnClassesThat()
                    .resideInAPackage("org.springframework..");

    @ArchTest
    static final ArchRule ONLY_THE_STORE_SEES_DATABASES =
            noClasses()
                    .that()
                    .resideOutsideOfPackage("io.wadi.store..")
                    .should()
                    .dependOnClassesThat()
                    .resideInAnyPackage(
                            "java.sql..",
                            "javax.sql..",
                            "org.hibernate..",
                            "jakarta.persistence..",
                            "com.mongodb..");

    @ArchTest
    static final ArchRule PACKAGES_FORM_NO_CYCLES =
            slices().matching("io.wadi.(*)..").should().beFreeOfCycles();

    private static String[] both(String[] some, String... more) {
        String[] all = java.util.Arrays.copyOf(some, some.length + more.length);
        System.arraycopy(more, 0, all, some.length, more.length);
        return all;
    }
}
