package org.mailrelay.observe.log;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.mailrelay.core.event.DeliveryEvent;
import org.mailrelay.core.event.MailEvent;
import org.mailrelay.core.event.MessageEvent;
import org.mailrelay.core.mail.Mid;

class JsonLineTest {

    private final JsonLine json = new JsonLine();

    @Test
    void holdsTheFactsOfTheLineUnderNames() {
        MailEvent unmet = Samples.delivery().stream().filter(DeliveryEvent.PolicyUnmet.class::isInstance).findFirst().orElseThrow();
        assertThat(json.line(unmet)).isEqualTo("{\"time\":\"2023-09-06T13:13:16Z\",\"event\":\"delivery_policy_unmet\",\"level\":\"warning\",\"dcid\":30,"
                + "\"domain\":\"example.com\",\"entry\":\"example.com\",\"mx\":\"mx1.example.com\",\"local_address\":\"10.13.102.10\",\"address\":\"10.13.101.31\","
                + "\"port\":25,\"policy\":\"required\",\"policy_position\":\"conf/destinations.yaml:14\",\"policy_entry\":\"example.com\","
                + "\"reasons\":[\"STARTTLS not offered\"]}");
    }

    /// B-LOG
    @Test
    void keepsHostileTextOneValidLine() {
        assertThat(json.line(new MessageEvent.SubjectFound(Samples.AT, new Mid(6), "a\"\\\r\n\u001b\u202e"))).endsWith("\"subject\":\"a\\\"\\\\\\u000d\\u000a\\u001b\\u202e\"}");
    }

    /// With `-Dmailrelay.print=true` the page is written anew.
    @Test
    void theReferencePageListsEveryField() throws Exception {
        Path here = Path.of("").toAbsolutePath();
        Path page = (Files.exists(here.resolve("docs")) ? here : here.getParent()).resolve("docs/events.md");
        List<String> rows = Stream.of(Samples.injection(), Samples.message(), Samples.delivery(), Samples.system()).flatMap(List::stream)
                .map(event -> "| `" + JsonLine.name(event.getClass()) + "` | " + JsonLine.fields(event).keySet().stream().skip(3)
                        .map(name -> "`" + name + "`").collect(Collectors.joining(", ")) + " |").toList();
        if (Boolean.getBoolean("mailrelay.print")) {
            Files.writeString(page, "# Events as JSON lines\n\nWith `log.json: true` the file `mail_logs/mail_json.current` holds one object an event. Every object has\n"
                    + "`time` (RFC 3339, UTC), `event` and `level`; then come the event's own fields, left out where nothing is known. Names are\n"
                    + "only ever added.\n\n| Event | Fields |\n| --- | --- |\n" + String.join("\n", rows) + "\n");
        }
        assertThat(Files.readAllLines(page).stream().filter(line -> line.startsWith("| `"))).containsExactlyElementsOf(rows);
    }
}
