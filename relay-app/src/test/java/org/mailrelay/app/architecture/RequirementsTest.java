package org.mailrelay.app.architecture;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/// docs/standards.md beside the tests and the sources: every requirement has a test that bears its id, every section that is cited is listed.
class RequirementsTest {

    private static final Pattern ID = Pattern.compile("\\b(R[-_][A-Z0-9]+[-_][0-9]+|B[-_][A-Z]{3,5})(?=[^A-Za-z0-9]|$)");
    private static final Pattern ROW = Pattern.compile("^\\| ((?:R|B)-[A-Z0-9-]+) \\| [^|]+ \\| (.+) \\|$", Pattern.MULTILINE);
    private static final Pattern CITATION = Pattern.compile("RFC (\\d{3,5}) §([0-9A-Z]+(?:\\.[0-9]+)*)");
    private static final Pattern SECTIONS = Pattern.compile("^\\| RFC (\\d+) \\| ([0-9A-Z., ]+) \\|$", Pattern.MULTILINE);
    private static final int REQUIREMENTS = 178;
    private static final int CLASSES_OF_ATTACKS = 13;

    private final SourceTree tree = SourceTree.ofTheProject();
    private final String page = tree.text("docs/standards.md");

    @Test
    void everyRequirementIsBorneByTheTestsThatThePageNames() throws IOException {
        Map<String, TreeSet<String>> borne = new TreeMap<>();
        for (Path file : tree.java("src/test/java")) {
            Matcher ids = ID.matcher(Files.readString(file).replace("_", "-"));
            while (ids.find()) {
                borne.computeIfAbsent(ids.group(1), _ -> new TreeSet<>()).add("`" + file.getFileName().toString().replace(".java", "") + "`");
            }
        }
        Map<String, List<String>> named = new TreeMap<>();
        ROW.matcher(page).results().forEach(row -> named.put(row.group(1), List.of(row.group(2).split(", "))));
        assertThat(named.keySet()).as("the requirements of docs/standards.md").isEqualTo(borne.keySet());
        named.forEach((id, tests) -> assertThat(borne.get(id)).as("the tests of %s", id).containsAll(tests));
        assertThat(named.keySet()).filteredOn(id -> id.startsWith("R-")).hasSize(REQUIREMENTS);
        assertThat(named.keySet()).filteredOn(id -> id.startsWith("B-")).hasSize(CLASSES_OF_ATTACKS);
    }

    @Test
    void everyRfcThatIsCitedIsListedWithTheSection() throws IOException {
        Map<Integer, TreeSet<String>> cited = new TreeMap<>();
        for (Path file : tree.java("src")) {
            CITATION.matcher(Files.readString(file)).results().forEach(found -> cited.computeIfAbsent(Integer.valueOf(found.group(1)), _ -> new TreeSet<>()).add(found.group(2)));
        }
        Map<Integer, TreeSet<String>> listed = new TreeMap<>();
        SECTIONS.matcher(page).results().forEach(row -> listed.put(Integer.valueOf(row.group(1)), new TreeSet<>(List.of(row.group(2).split(", ")))));
        cited.forEach((rfc, sections) -> assertThat(listed.getOrDefault(rfc, new TreeSet<>())).as("the sections of RFC %d in docs/standards.md", rfc).containsAll(sections));
        String table = page.substring(0, page.indexOf("## "));
        assertThat(cited.keySet()).allSatisfy(rfc -> assertThat(table).as("the table of RFCs").containsPattern("\\| RFC [0-9, ]*\\b" + rfc + "\\b"));
    }
}
