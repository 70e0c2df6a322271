package org.mailrelay.observe.log;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.ZoneOffset;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.mailrelay.core.event.DeliveryEvent;
import org.mailrelay.core.event.InjectionEvent;
import org.mailrelay.core.event.MailEvent;
import org.mailrelay.core.event.MessageEvent;
import org.mailrelay.core.event.SystemEvent;
import org.mailrelay.core.mail.Mid;
import org.mailrelay.core.smtp.EnhancedCode;

class MailLogLineTest {

    private final MailLogLine lines = new MailLogLine(ZoneOffset.UTC);

    static Stream<MailEvent> everyEvent() {
        return Stream.of(Samples.injection(), Samples.message(), Samples.delivery(), Samples.system()).flatMap(List::stream);
    }

    @ParameterizedTest
    @MethodSource("everyEvent")
    void everyEventIsWrittenAsItsDocCommentShows(MailEvent event) throws IOException {
        assertThat(lines.text(event)).isEqualTo(example(event.getClass()));
    }

    @ParameterizedTest
    @MethodSource("everyEvent")
    void theReferencePageShowsEveryLine(MailEvent event) throws IOException {
        assertThat(Files.readAllLines(root().resolve("docs/logs.md"))).contains("    " + lines.text(event));
    }

    @Test
    void noEventIsWithoutASample() {
        assertThat(everyEvent().map(Object::getClass).toList()).containsExactlyInAnyOrderElementsOf(
                Stream.of(InjectionEvent.class, MessageEvent.class, DeliveryEvent.class, SystemEvent.class)
                        .flatMap(MailLogLineTest::kinds).toList());
    }

    private static Stream<Class<?>> kinds(Class<?> type) {
        return type.isSealed() ? Arrays.stream(type.getPermittedSubclasses()).flatMap(MailLogLineTest::kinds) : Stream.of(type);
    }

    @Test
    void writesAnOutcomeWithoutReplyAs000() {
        var verdict = Samples.verdict(19, new EnhancedCode(4, 7, 4), 0, "TLS required, STARTTLS not offered");
        assertThat(lines.text(new DeliveryEvent.Delayed(Samples.AT, verdict))).isEqualTo("Delayed: DCID 84 MID 19 From: <a@example.com> To: <b@example.net>"
                + " RID 0 - 4.7.4 - Security features not supported ('000', ['TLS required, STARTTLS not offered'])");
    }

    /// B-LOG
    @Test
    void keepsHostileTextOnOneLineEscapedAndCut() {
        String hostile = "a\"b\r\nInfo: c\u001b[2J\u202e%s ${jndi:x}\b" + "x".repeat(100_000);
        String text = lines.text(new MessageEvent.SubjectFound(Samples.AT, new Mid(6), hostile));
        assertThat(text).startsWith("MID 6 Subject \"a\\\"b\\r\\nInfo: c\\x1b[2J\\u{202e}%s ${jndi:x}\\x08xxx").hasSizeLessThan(540);
        assertThat(text.chars()).allMatch(c -> c >= 0x20 && c < 0x7f);
    }

    @Test
    void writesTheDateAsAsctimeDoesInEveryLocale() {
        Locale before = Locale.getDefault();
        Locale.setDefault(Locale.forLanguageTag("tr-TR"));
        try {
            assertThat(new LogTime(ZoneOffset.UTC).text(Samples.AT)).isEqualTo("Wed Sep  6 13:13:16 2023");
            assertThat(lines.text(Samples.delivery().getFirst())).startsWith("New SMTP DCID 30 interface");
        } finally {
            Locale.setDefault(before);
        }
    }

    private static String example(Class<?> event) throws IOException {
        String family = event.getEnclosingClass().getSimpleName();
        String source = Files.readString(root().resolve("relay-core/src/main/java/org/mailrelay/core/event/" + family + ".java"));
        Matcher found = Pattern.compile("/// `([^`]+)`[^\\n]*\\n(?:\\s*///[^\\n]*\\n)*\\s*record " + event.getSimpleName() + "\\(").matcher(source);
        assertThat(found.find()).as("an example above " + event.getName()).isTrue();
        return found.group(1);
    }

    private static Path root() {
        Path here = Path.of("").toAbsolutePath();
        return Files.exists(here.resolve("relay-core")) ? here : here.getParent();
    }
}
