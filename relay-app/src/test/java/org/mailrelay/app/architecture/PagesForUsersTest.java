package org.mailrelay.app.architecture;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.mailrelay.app.command.Mailrelay;
import org.mailrelay.app.serve.TestRelay;
import org.mailrelay.config.ConfigLoader;
import org.mailrelay.testkit.tls.TestCa;
import picocli.CommandLine;

/// What the pages tell a user to write and to run.
class PagesForUsersTest {

    /// A command in its own line or between backquotes: `mailrelay queue`, `./mailrelay serve`, with its subcommand where it has some.
    private static final Pattern COMMAND = Pattern.compile("(?:`|    )(?:\\./)?mailrelay ([a-z][a-z-]+)(?: ([a-z][a-z-]+))?");
    /// Those of which more than one form is written: `mailrelay dkim keygen | record | check`.
    private static final List<String> PAGES = List.of("README.md", "CHANGELOG.md", "docs/operating.md", "docs/dkim.md", "docs/dnssec.md", "docs/durability.md", "docs/configuration.md");

    private final SourceTree tree = SourceTree.ofTheProject();

    @Test
    void everyCommandThatAPageNamesExists() {
        Map<String, CommandLine> commands = Mailrelay.commandLine().getSubcommands();
        TreeSet<String> seen = new TreeSet<>();
        for (String page : PAGES) {
            for (MatchResult found : COMMAND.matcher(tree.text(page)).results().toList()) {
                assertThat(commands).as("%s: %s", page, found.group()).containsKey(found.group(1));
                Map<String, CommandLine> below = commands.get(found.group(1)).getSubcommands();
                if (!below.isEmpty() && found.group(2) != null) {
                    assertThat(below).as("%s: %s", page, found.group()).containsKey(found.group(2));
                }
                seen.add(found.group(1));
            }
        }
        assertThat(seen).hasSizeGreaterThan(15);
    }

    /// The configuration of docs/operating.md, with certificates where a test can put them.
    @Test
    void theSmartHostThatThePageDescribesHasNoMistakes(@TempDir Path folder) throws IOException {
        TestCa.PemFiles pem = new TestCa(Instant.now()).good("relay.bank.example").write(folder, "relay");
        String page = tree.text("docs/operating.md").replace("/etc/mailrelay/tls/relay.pem", pem.chain().toString()).replace("/etc/mailrelay/tls/relay.key", pem.key().toString())
                .replace("root: /var/lib/mailrelay", "root: " + folder);
        Files.createFile(folder.resolve("users"));
        Path conf = TestRelay.conf(folder, block(page, "root: "), "default: {tls: preferred}\n", "routes: {}\n", block(page, "sender_groups:"));
        assertThat(ConfigLoader.load(conf, Map.of())).isInstanceOfSatisfying(ConfigLoader.Loaded.class, loaded -> {
            assertThat(loaded.warnings()).isEmpty();
            assertThat(loaded.settings().relay().listeners()).hasSize(3);
        });
    }

    /// The indented lines of the page from the one that begins so, to the next that is not indented.
    private static String block(String page, String first) {
        String from = page.substring(page.indexOf("    " + first));
        return from.lines().takeWhile(line -> line.startsWith("    ")).map(line -> line.substring(4) + "\n").reduce("", String::concat);
    }
}
