package org.mailrelay.app.serve;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.mailrelay.app.serve.RunningRelayFixture.Said;

/// What an operator sees of a relay with one message that was delivered and one that waits.
@Timeout(60)
class RelayCommandsTest {

    @TempDir
    static Path folder;
    static RunningRelayFixture running;

    @BeforeAll
    static void start() throws Exception {
        running = new RunningRelayFixture(folder);
        running.send("a@example.net", "b@taken.example", "delivered");
        running.awaitLine("Message finished MID");
        running.send("a@example.net", "c@held.example", "held");
        running.awaitLine(" waits: ");
    }

    @AfterAll
    static void stop() throws Exception {
        running.close();
    }

    @Test
    void tracksADeliveredMessageWithTheLinesOfItsConnections() throws Exception {
        Said said = running.run("track", "recipient:b@taken.example");
        assertThat(said.status()).isZero();
        assertThat(said.text()).contains("reverse dns host", "Subject \"delivered\"", "New SMTP DCID", "STARTTLS command not supported", "delivering in the clear to mx1.example",
                "Delivery start DCID", "Message finished MID", ": done", "RID 0 delivered since", "1 message");
        assertThat(said.text()).doesNotContain("held.example");
    }

    @Test
    void tracksWhyAMessageWaits() throws Exception {
        Said said = running.run("track", "tls:policy", "--json");
        assertThat(said.lines()).singleElement().asString().contains("\"end\":\"in the queue\"", "\"state\":\"waiting\"", "\"reason\":\"STARTTLS not offered\"");
        assertThat(running.run("track", "sender:nobody@example.net").status()).isEqualTo(1);
    }

    @Test
    void tellsOfEveryAttemptWithItsHostAndReasons() throws Exception {
        running.awaitLog(text -> text.lines().filter(line -> line.matches(".*DCID \\d+ close")).count() >= 2);
        assertThat(running.run("track", "recipient:c@held.example").text()).containsPattern(
                "attempt \\S+ DCID \\d+ mx1\\.example \\[127\\.0\\.0\\.1\\] RID \\[0\\] waiting: STARTTLS not offered \\(policy required from conf/destinations\\.yaml:3 \\[held\\.example\\]\\)");
        assertThat(running.run("track", "recipient:b@taken.example").text()).containsPattern(
                "attempt \\S+ DCID \\d+ mx1\\.example \\[127\\.0\\.0\\.1\\] RID \\[0\\] delivered: in the clear: STARTTLS not offered \\(policy preferred from");
        String mid = running.run("queue", "all").lines().getFirst().split(" ")[1];
        assertThat(running.run("show", mid).lines()).filteredOn(line -> line.startsWith("attempt ")).singleElement().asString().contains("waiting: STARTTLS not offered");
        assertThat(running.run("show", mid, "--json").text()).containsPattern("\"attempts\":\\[\\{\"time\":\"[^\"]+\",\"dcid\":\\d+,\"rids\":\\[0\\],\"outcome\":\"waiting\","
                + "\"reasons\":\\[\"STARTTLS not offered\"\\],\"mx\":\"mx1.example\",\"address\":\"127.0.0.1\"");
    }

    @Test
    void namesTheNearestKeyOfAFilter() throws Exception {
        assertThat(running.run("track", "sendr:a")).isEqualTo(new Said(2, java.util.List.of("unknown key 'sendr', did you mean 'sender'?")));
        assertThat(running.run("queue", "recipent:a")).isEqualTo(new Said(2, java.util.List.of("unknown key 'recipent', did you mean 'recipient'?")));
    }

    @Test
    void showsHowDestinationsFare() throws Exception {
        Said said = running.run("tophosts", "--sort=delivered");
        assertThat(said.lines().get(1)).matches("taken\\.example +0 +\\d+ +1 +0 +0 up");
        assertThat(said.text()).containsPattern("held\\.example +1 +\\d+ +0 +1 +0 down");
        assertThat(running.run("tophosts", "--sort=size").status()).isEqualTo(2);
    }

    @Test
    void showsOneDestinationAndItsLastFailedConversation() throws Exception {
        assertThat(running.run("hoststatus", "held.example").text()).contains("down since", "STARTTLS not offered", "required from conf/destinations.yaml:3", "10 mx1.example",
                "1 recipient: STARTTLS not offered");
        assertThat(running.run("hoststatus", "held.example", "--transcript").text()).contains("to mx1.example at", "S: 220 ", "C: EHLO relay.example.net", "S: 250");
        assertThat(running.run("hoststatus", "taken.example", "--transcript").status()).isEqualTo(1);
        assertThat(running.run("hoststatus", "unknown.example").status()).isEqualTo(1);
        assertThat(running.run("hoststatus", "held.example", "--json").text()).contains("\"up\":false", "\"active_recipients\":1", "\"mx\":[\"10 mx1.example\"]");
    }

    @Test
    void showsCountersSinceTheResetAndForAllTime() throws Exception {
        assertThat(running.run("status").text()).contains("since reset", "lifetime").containsPattern("mailrelay_messages_received_total +2 +2 +2");
        assertThat(running.run("status", "--json").text()).contains("\"counters_lifetime\":{", "\"reset_at\":\"");
        assertThat(running.run("rate", "--json").text()).contains("\"mailrelay_messages_received_total\":{\"1m\":");
        assertThat(running.run("rate").lines()).hasSizeGreaterThan(5);
    }

    @Test
    void showsWhatPolicyStoppedAndTodaysTlsReports() throws Exception {
        assertThat(running.run("policy-report").text()).contains("held.example: ", " stopped by policy", "STARTTLS not offered");
        assertThat(running.run("policy-report", "--all", "--json").text()).containsPattern("\"domain\":\"held\\.example\",\"sessions\":([1-9]),\"encrypted\":0,\"delivered\":0,\"stopped_by_policy\":\\1");
        assertThat(running.run("tls-report", "preview", "--domain=held.example").text()).contains("\"policy-type\":\"no-policy-found\"", "\"result-type\":\"starttls-not-supported\"");
        assertThat(running.run("tls-report", "preview", "--day=2020-01-01")).isEqualTo(new Said(1, java.util.List.of("no session of 2020-01-01 is for a report")));
    }

    @Test
    void showsTheOldestAndTheQueue() throws Exception {
        assertThat(running.run("oldest").text()).contains("c@held.example", "STARTTLS not offered");
        assertThat(running.run("queue", "all").text()).contains("1 message, 1 recipient");
        assertThat(running.run("queue", "tls:held", "sender:a@*", "subject:he*").text()).contains("1 message, 1 recipient");
        assertThat(running.run("queue", "all", "--json").text()).contains("\"reason\":{\"code\":\"4.7.4\",\"text\":\"STARTTLS not offered\",\"reasons\":[\"STARTTLS not offered\"],\"rule\":\"required\",\"file\":\"conf/destinations.yaml\","
                + "\"line\":3,\"entry\":\"held.example\",\"rfc\":\"RFC 3207 \\u00a74\"}").containsPattern("\"dcids\":\\[[0-9]+[0-9,]*\\]");
        assertThat(running.run("queue", "tls:free").text()).contains("0 messages, 0 recipients");
    }

    @Test
    void showsAMessageAsJson() throws Exception {
        String mid = running.run("queue", "all").lines().getFirst().split(" ")[1];
        assertThat(running.run("show", mid, "--json").text()).contains("\"mid\":" + mid, "\"to\":\"c@held.example\"", "\"subject\":\"held\"");
        assertThat(running.run("show", mid).text()).contains("Subject: held", "\n        by relay.example.net with ESMTP id " + mid);
    }

    /// Whoever suspended it may have gone home.
    @Test
    void saysWhatIsSuspendedUntilItIsResumed() throws Exception {
        assertThat(running.run("status").text()).doesNotContain("suspended:");
        running.run("suspend", "delivery");
        running.run("suspend", "domain", "b.example");
        running.run("suspend", "domain", "a.example");
        assertThat(running.run("status").text()).contains("suspended: delivery, delivery to a.example, delivery to b.example");
        running.run("resume", "delivery");
        running.run("resume", "domain", "a.example");
        assertThat(running.run("status", "--json").text()).contains("\"suspended\":\"delivery to b.example\"");
        running.run("resume", "domain", "b.example");
        running.run("suspend", "receiving");
        assertThat(running.run("status", "--ready")).isEqualTo(new Said(1, java.util.List.of("receiving is suspended")));
        running.run("resume", "receiving");
        assertThat(running.run("suspend", "domain").status()).isEqualTo(2);
        assertThat(running.run("suspend", "domain", "not a domain").status()).isEqualTo(2);
    }

    @Test
    void holdsReleasesAndCountsASelection() throws Exception {
        assertThat(running.run("hold", "--count", "recipient:c@held.example").text()).isEqualTo("1 message, 1 recipient");
        assertThat(running.run("hold", "--yes", "recipient:c@held.example").text()).isEqualTo("1 recipient held");
        assertThat(running.run("queue", "state:held").text()).contains("  held  ", "  next when released  ");
        assertThat(running.run("queue", "state:held", "--json").text()).contains("\"state\":\"held\"", "\"to\":\"c@held.example\"");
        assertThat(running.run("release", "--yes", "--json", "all").text()).isEqualTo("{\"recipients\":1,\"under_way\":0}");
        assertThat(running.run("queue", "state:held").text()).isEqualTo("0 messages, 0 recipients");
        assertThat(running.run("redirect", "all").status()).isEqualTo(2);
        assertThat(running.run("queue", "--limit=0").text()).contains("0 messages, 0 recipients; there are more: --after 0 goes on");
        assertThat(running.run("queue", "--limit=1", "--after=0").lines()).hasSize(2);
        assertThat(running.run("queue", "--after=1000000").lines()).containsExactly("0 messages, 0 recipients");
    }
}
