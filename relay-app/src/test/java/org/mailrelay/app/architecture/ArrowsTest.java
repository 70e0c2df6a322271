package org.mailrelay.app.architecture;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

/// The arrows between packages. Maven holds those between modules; these hold what Maven cannot see.
@AnalyzeClasses(packages = "org.mailrelay", importOptions = ImportOption.DoNotIncludeTests.class)
class ArrowsTest {

    @ArchTest
    static final ArchRule coreIsBuiltOnTheJdkAlone = classes().that().resideInAPackage("org.mailrelay.core..")
            .should().onlyDependOnClassesThat().resideInAnyPackage("org.mailrelay.core..", "java..", "javax.crypto..", "javax.security.auth.x500..", "org.jspecify..")
            .allowEmptyShould(true);

    @ArchTest
    static final ArchRule coreHasNoSocketsFilesOrThreads = noClasses().that().resideInAPackage("org.mailrelay.core..")
            .should().dependOnClassesThat().haveFullyQualifiedName("java.lang.Thread")
            .orShould().dependOnClassesThat().haveFullyQualifiedName("java.nio.file.Files")
            .orShould().dependOnClassesThat().haveFullyQualifiedName("java.net.Socket")
            .orShould().dependOnClassesThat().resideInAPackage("java.nio.channels..")
            .orShould().callMethod(java.time.Instant.class, "now")
            .orShould().callMethod(System.class, "currentTimeMillis")
            .allowEmptyShould(true);

    @ArchTest
    static final ArchRule packagesHaveNoCycles = slices().matching("org.mailrelay.(*).(*)..").should().beFreeOfCycles().allowEmptyShould(true);

    @ArchTest
    static final ArchRule listenerDeliveryAndObserveDoNotKnowEachOther = noClasses().that().resideInAPackage("org.mailrelay.listener..")
            .should().dependOnClassesThat().resideInAnyPackage("org.mailrelay.delivery..", "org.mailrelay.observe..")
            .allowEmptyShould(true);

    @ArchTest
    static final ArchRule onlyTheAppKnowsTheConfigurationReader = noClasses().that().resideOutsideOfPackages("org.mailrelay.config..", "org.mailrelay.app..")
            .should().dependOnClassesThat().resideInAPackage("org.mailrelay.config..")
            .allowEmptyShould(true);

    @ArchTest
    static final ArchRule theConversationIsPure = noClasses().that().resideInAPackage("org.mailrelay.delivery.conversation..")
            .should().dependOnClassesThat().resideInAnyPackage("io.netty..", "java.nio.channels..", "java.nio.file..", "java.util.concurrent..")
            .allowEmptyShould(true);

    @ArchTest
    static final ArchRule nothingButTheCommandLinePrints = noClasses().that().resideOutsideOfPackages("org.mailrelay.app..", "org.mailrelay.observe..")
            .should().accessField(System.class, "out").orShould().accessField(System.class, "err")
            .allowEmptyShould(true);
}
