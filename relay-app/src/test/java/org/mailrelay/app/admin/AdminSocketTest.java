package org.mailrelay.app.admin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AdminSocketTest {

    @TempDir
    Path folder;

    private final List<String> lines = new ArrayList<>();

    @Test
    void aCommandGetsItsWordsAndItsLinesAndStatusComeBack() throws IOException {
        AdminCommand echo = (words, out) -> {
            for (String word : words) {
                out.line("word " + word);
            }
            return 1;
        };
        try (AdminServer server = AdminServer.start(folder.resolve("run/admin.sock"), Map.of("echo", echo))) {
            assertThat(run("echo", "a b", "ü")).isEqualTo(new AdminClient.Answer.Ended(1));
            assertThat(lines).containsExactly("word a b", "word ü");
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(folder.resolve("run/admin.sock")))).isEqualTo("rw-------");
        }
    }

    /// It is made where nobody else may enter, and only then put in its place, over one that an earlier relay left.
    @Test
    void theSocketIsItsOwnersAloneFromTheBeginningAndNothingElseIsLeftBeside() throws IOException {
        Files.createDirectories(folder.resolve("run/.admin"));
        Files.writeString(folder.resolve("run/.admin/s"), "of a relay that was killed");
        Files.writeString(folder.resolve("run/admin.sock"), "likewise");
        try (AdminServer server = AdminServer.start(folder.resolve("run/admin.sock"), Map.of())) {
            assertThat(folder.resolve("run")).isDirectoryNotContaining(file -> !file.getFileName().toString().equals("admin.sock"));
            assertThat(run("nonsense")).isEqualTo(new AdminClient.Answer.Ended(2));
        }
        assertThat(folder.resolve("run")).isEmptyDirectory();
    }

    @Test
    void aPathThatNoSocketMayHaveIsSaidInWords() {
        Path far = folder.resolve("x".repeat(100)).resolve("admin.sock");
        assertThatThrownBy(() -> AdminServer.start(far, Map.of())).isInstanceOf(IOException.class).hasMessageContaining("admin.socket").hasMessageContaining("longer than 107 octets");
    }

    @Test
    void anUnknownCommandIsAUsageMistake() throws IOException {
        try (AdminServer server = AdminServer.start(folder.resolve("run/admin.sock"), Map.of())) {
            assertThat(run("nonsense")).isEqualTo(new AdminClient.Answer.Ended(2));
        }
    }

    @Test
    void aBugInACommandIsAnAnswerAndTheServerGoesOn() throws IOException {
        AdminCommand broken = (words, out) -> {
            throw new IllegalStateException("a bug");
        };
        try (AdminServer server = AdminServer.start(folder.resolve("run/admin.sock"), Map.of("broken", broken))) {
            assertThat(run("broken")).isEqualTo(new AdminClient.Answer.Ended(1));
            assertThat(run("broken")).isEqualTo(new AdminClient.Answer.Ended(1));
        }
    }

    @Test
    void withoutARelayTheAnswerSaysWhereItWasLookedFor() {
        assertThat(run("status")).isInstanceOfSatisfying(AdminClient.Answer.NoRelay.class,
                none -> assertThat(none.detail()).contains(folder.resolve("run/admin.sock").toString()));
    }

    private AdminClient.Answer run(String... words) {
        return new AdminClient(folder.resolve("run/admin.sock")).run(List.of(words), lines::add);
    }
}
