package org.mailrelay.app.architecture;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

class AttackTableTest {

    private static final Pattern NAME = Pattern.compile("`([A-Za-z]+Test)(?:#([A-Za-z0-9_]+))?`");
    private static final int LEAST = 80;

    /// docs/attacks.md names tests; a name without its test is an attack that nobody holds off.
    @Test
    void everyTestThatTheTableOfAttacksNamesExists() throws IOException {
        SourceTree tree = SourceTree.ofTheProject();
        Map<String, Path> classes = tree.java("src/test/java").stream().collect(Collectors.toMap(file -> file.getFileName().toString(), file -> file, (one, _) -> one));
        Matcher names = NAME.matcher(tree.text("docs/attacks.md"));
        int count = 0;
        while (names.find()) {
            Path file = classes.get(names.group(1) + ".java");
            assertThat(file).as(names.group()).isNotNull();
            if (names.group(2) != null) {
                assertThat(Files.readString(file)).as(names.group()).containsPattern("void " + names.group(2) + "\\(");
                count++;
            }
        }
        assertThat(count).isGreaterThan(LEAST);
    }
}
