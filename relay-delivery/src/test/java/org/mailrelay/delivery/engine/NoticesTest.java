package org.mailrelay.delivery.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.mailrelay.core.dkim.DkimSettings;
import org.mailrelay.core.dkim.KeyRecord;
import org.mailrelay.core.dkim.SigningKey;
import org.mailrelay.core.event.DeliveryEvent;
import org.mailrelay.core.event.MessageEvent;
import org.mailrelay.core.mail.DeliverBy;
import org.mailrelay.core.mail.Domain;
import org.mailrelay.core.mail.Envelope;
import org.mailrelay.core.mail.MailParameters;
import org.mailrelay.core.mail.Mailbox;
import org.mailrelay.core.mail.Mid;
import org.mailrelay.core.mail.Notify;
import org.mailrelay.core.mail.OriginalRecipient;
import org.mailrelay.core.mail.Recipient;
import org.mailrelay.core.mail.ReturnedPart;
import org.mailrelay.core.mail.ReversePath;
import org.mailrelay.core.report.Action;
import org.mailrelay.core.settings.BounceProfile;
import org.mailrelay.core.tls.TlsLevel;
import org.mailrelay.net.dkim.DkimSigning;
import org.mailrelay.net.dkim.PublicKeys;
import org.mailrelay.testkit.dkim.DkimKeys;
import org.mailrelay.testkit.dkim.DkimVerifier;
import org.mailrelay.testkit.mx.Effect;
import org.mailrelay.testkit.mx.FakeMx;

/// What senders are told, over real sockets and a clock that the test moves.
@Timeout(60)
class NoticesTest {

    private static final String CONTENT = "Subject: x\r\nX-Mark: header\r\n\r\nbody\r\n..dotted\r\n";
    private static final BounceProfile HOURLY = BounceProfile.DEFAULT.withDelayWarning(Duration.ofHours(1));

    @TempDir
    Path folder;

    private static FakeMx host(Map<String, Effect> effects) {
        return new FakeMx(new FakeMx.Script(Optional.empty(), effects));
    }

    private static FakeMx refusing() {
        return host(Map.of("RCPT TO:<no@example.com>", Effect.line("550 5.1.1 no such user"), "RCPT TO:<nor@example.com>", Effect.line("550 5.1.1 nor this one")));
    }

    private EngineFixture engine(FakeMx mx, UnaryOperator<EngineFixture.Terms> terms) throws Exception {
        return new EngineFixture(folder, List.of(mx), terms.apply(EngineFixture.Terms.PLAIN));
    }

    private static Envelope from(String sender, MailParameters said, Recipient... recipients) {
        return new Envelope(ReversePath.of(sender), List.of(recipients), said);
    }

    private static Recipient to(String address, Notify notice) {
        return new Recipient(Mailbox.of(address), notice, Optional.empty());
    }

    /// What the sender's host got as the report on this message.
    private static FakeMx.Received report(EngineFixture it, FakeMx mx, Mid of) throws InterruptedException {
        Mid report = it.await(MessageEvent.GeneratedForBounce.class, e -> e.bounced().equals(of)).mid();
        return received(it, mx, report);
    }

    private static FakeMx.Received received(EngineFixture it, FakeMx mx, Mid report) throws InterruptedException {
        it.await(MessageEvent.Finished.class, e -> e.mid().equals(report));
        return mx.received().stream().filter(received -> received.content().contains("dsn." + report + ".")).findFirst().orElseThrow();
    }

    @Nested
    class OfFailures {

        /// RFC 3461 §4.1: NEVER means no report on that recipient, whatever became of it.
        /// R-BNC-6: NOTIFY is each recipient's own.
        @Test
        void onlyWhoIsToBeReportedOnIsNamed() throws Exception {
            try (FakeMx mx = refusing(); EngineFixture it = engine(mx, t -> t)) {
                Mid mid = it.send(from("a@example.org", MailParameters.NONE.withEnvelopeId("QQ31"), to("no@example.com", Notify.NEVER),
                        new Recipient(Mailbox.of("nor@example.com"), Notify.on(Notify.Event.FAILURE), Optional.of(new OriginalRecipient("rfc822", "Alias@example.org")))), CONTENT);
                it.await(DeliveryEvent.Bounced.class, e -> true, 2);
                assertThat(report(it, mx, mid).content()).contains("Final-Recipient: rfc822; nor@example.com").contains("Original-Recipient: rfc822; Alias@example.org")
                        .contains("Original-Envelope-Id: QQ31").contains("Remote-MTA: dns; [127.0.0.1]").doesNotContain("<no@example.com>");
            }
        }

        @Test
        void theReportIsSignedWhereTheRelaysNameHasAKey() throws Exception {
            SigningKey key = ((SigningKey.Usable) SigningKey.parse(DkimKeys.ed25519())).key();
            DkimSettings.Signer signer = new DkimSettings.Signer("relay.example.net", Optional.empty(),
                    List.of(new DkimSettings.Key(Domain.of("e1"), key, Path.of("e1.pem"), Set.of("*"))), Set.of("APPS"), DkimSettings.Style.DEFAULT);
            DkimSettings settings = new DkimSettings(Map.of(Domain.of("relay.example.net"), signer), Map.of(), Optional.empty(), DkimSettings.Identity.FROM,
                    DkimSettings.WhenSigningFails.DEFER);
            DkimVerifier verifier = new DkimVerifier(Map.of("e1._domainkey.relay.example.net", KeyRecord.of(key.algorithm(), PublicKeys.of(key), Set.of("*")).text()));
            try (FakeMx mx = refusing(); EngineFixture it = engine(mx, t -> t); DkimSigning signing = new DkimSigning(() -> settings, it.clock)) {
                it.signing = signing;
                Mid mid = it.send(from("a@example.org", MailParameters.NONE, to("no@example.com", Notify.UNSAID)), CONTENT);
                FakeMx.Received report = report(it, mx, mid);
                assertThat(verifier.verify(report.content())).containsExactly("pass e1 relay.example.net");
                assertThat(it.events(MessageEvent.DkimSigned.class)).singleElement();
            }
        }

        @Test
        void nobodyIsToldWhereNobodyWantsToBe() throws Exception {
            try (FakeMx mx = refusing(); EngineFixture it = engine(mx, t -> t)) {
                Mid mid = it.send(from("a@example.org", MailParameters.NONE, to("no@example.com", Notify.NEVER), to("nor@example.com", Notify.on(Notify.Event.SUCCESS))), CONTENT);
                it.await(MessageEvent.Finished.class, e -> e.mid().equals(mid));
                assertThat(it.events(DeliveryEvent.Bounced.class)).hasSize(2);
                assertThat(it.events(MessageEvent.GeneratedForBounce.class)).isEmpty();
            }
        }

        @Test
        void theSenderSaysWhatComesBackAndElseTheProfile() throws Exception {
            BounceProfile full = BounceProfile.DEFAULT.withReports(new BounceProfile.Reports(BounceProfile.Original.FULL, Optional.of(Mailbox.of("bounces@example.net")), Optional.empty(),
                    BounceProfile.ReportLimits.DEFAULT));
            try (FakeMx mx = refusing(); EngineFixture it = engine(mx, t -> t.bounces(full))) {
                Mid asked = it.send(from("a@example.org", MailParameters.NONE.withReturned(ReturnedPart.HEADERS), to("no@example.com", Notify.UNSAID)), CONTENT);
                assertThat(report(it, mx, asked).content()).contains("X-Mark: header").doesNotContain("dotted").contains("From: Mail Delivery System <bounces@example.net>");
                Mid unsaid = it.send(from("a@example.org", MailParameters.NONE, to("no@example.com", Notify.UNSAID)), CONTENT);
                FakeMx.Received whole = report(it, mx, unsaid);
                assertThat(whole.content()).contains("Content-Type: message/rfc822\r\n\r\nSubject: x\r\nX-Mark: header\r\n\r\nbody\r\n..dotted\r\n");
                long size = whole.content().replace("\r\n.", "\r\n").length();
                assertThat(whole.commands().getFirst()).as("SIZE without the stuffed dot").matches("MAIL FROM:<>.* SIZE=" + size + "( .*)?");
            }
        }

        @Test
        void longContentIsNotSentBack() throws Exception {
            try (FakeMx mx = refusing(); EngineFixture it = engine(mx, t -> t)) {
                Mid mid = it.send(from("a@example.org", MailParameters.NONE.withReturned(ReturnedPart.FULL), to("no@example.com", Notify.UNSAID)),
                        CONTENT + ("x".repeat(98) + "\r\n").repeat(600));
                assertThat(report(it, mx, mid).content()).contains("text/rfc822-headers").contains("X-Mark: header").doesNotContain("dotted").hasSizeLessThan(4_000);
            }
        }

        /// The spool's damage costs what is damaged: not the report.
        @Test
        void aDamagedOriginalStaysBehind() throws Exception {
            try (FakeMx mx = refusing(); EngineFixture it = engine(mx, t -> t)) {
                it.engine.suspend();
                Mid mid = it.send(from("a@example.org", MailParameters.NONE, to("no@example.com", Notify.UNSAID)), CONTENT);
                it.spool().releaseMemory(mid);
                damage(folder.resolve("spool"), "X-Mark");
                it.engine.resume();
                assertThat(report(it, mx, mid).content()).contains("Final-Recipient: rfc822; no@example.com").doesNotContain("Mark");
            }
        }

        private static void damage(Path spool, String text) throws Exception {
            for (Path file : Files.list(spool).filter(Files::isRegularFile).toList()) {
                int at = Files.readString(file, StandardCharsets.ISO_8859_1).indexOf(text);
                if (at >= 0) {
                    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
                        channel.write(ByteBuffer.wrap("Y".getBytes(StandardCharsets.US_ASCII)), at);
                        return;
                    }
                }
            }
            throw new AssertionError("no file holds " + text);
        }

        /// R-RTY-2: the last word of the host, not only that time is over.
        @Test
        void whoseTimeIsOverLearnsWhatStoodInTheWay() throws Exception {
            BounceProfile once = new BounceProfile("once", 0, Duration.ofHours(72), Duration.ofSeconds(60), Duration.ofHours(1));
            try (FakeMx mx = host(Map.of("RCPT TO:<no@example.com>", Effect.line("450 4.2.1 mailbox busy"))); EngineFixture it = engine(mx, t -> t.bounces(once))) {
                Mid mid = it.send(from("a@example.org", MailParameters.NONE, to("no@example.com", Notify.UNSAID)), CONTENT);
                assertThat(report(it, mx, mid).content()).contains("Status: 5.4.7").contains("Diagnostic-Code: smtp; 450 4.2.1 mailbox busy");
            }
        }

        @Test
        void aStormToOneVictimEndsAtItsLimit() throws Exception {
            BounceProfile limited = BounceProfile.DEFAULT.withReports(new BounceProfile.Reports(BounceProfile.Original.HEADERS, Optional.empty(), Optional.empty(),
                    new BounceProfile.ReportLimits(3, 3)));
            try (FakeMx mx = refusing(); EngineFixture it = engine(mx, t -> t.bounces(limited))) {
                for (int i = 0; i < 10; i++) {
                    it.send("victim@example.org", "no@example.com");
                }
                it.await(DeliveryEvent.Bounced.class, e -> true, 10);
                assertThat(it.events(MessageEvent.GeneratedForBounce.class)).hasSize(3);
                assertThat(it.await(MessageEvent.ReportDropped.class, e -> true, 7)).hasSize(7).allMatch(e -> e.action() == Action.FAILED);
            }
        }

        @Test
        void whatCanBeReturnedToNobodyGoesToThePostmasterAndNoFurther() throws Exception {
            BounceProfile kept = BounceProfile.DEFAULT.withReports(new BounceProfile.Reports(BounceProfile.Original.HEADERS, Optional.empty(), Optional.of(Mailbox.of("no@example.com")),
                    BounceProfile.ReportLimits.DEFAULT));
            try (FakeMx mx = refusing(); EngineFixture it = engine(mx, t -> t.bounces(kept))) {
                Mid mid = it.send("", "nor@example.com");
                Mid copy = it.await(MessageEvent.GeneratedForBounce.class, e -> e.bounced().equals(mid)).mid();
                it.await(DeliveryEvent.DoubleBounced.class, e -> e.verdict().mid().equals(copy));
                it.await(MessageEvent.Finished.class, e -> e.mid().equals(copy));
                assertThat(it.events(MessageEvent.GeneratedForBounce.class)).hasSize(1);
            }
        }

        /// RFC 8689 §5: the report on mail that requires TLS returns no content, and requires TLS itself.
        /// R-RTLS-3.
        @Test
        void theReportOnMailThatRequiresTlsRequiresIt() throws Exception {
            try (FakeMx mx = refusing(); EngineFixture it = engine(mx, t -> t)) {
                Mid mid = it.send(from("a@example.org", MailParameters.NONE.withRequireTls(true).withReturned(ReturnedPart.FULL), to("no@example.com", Notify.UNSAID)), CONTENT);
                it.engine.suspend(Mailbox.of("a@example.org").domain());
                Mid report = it.await(MessageEvent.GeneratedForBounce.class, e -> e.bounced().equals(mid)).mid();
                assertThat(it.spool().load(report).orElseThrow().envelope().parameters().requireTls()).isTrue();
                assertThat(it.spool().load(report).orElseThrow().envelope().recipients().getFirst().notice()).isEqualTo(Notify.NEVER);
            }
        }

        /// A failure whose report cannot be stored is not final: it is told once there is room again.
        @Test
        void aFullSpoolPutsTheFailureOff() throws Exception {
            try (FakeMx mx = refusing(); EngineFixture it = new EngineFixture(folder, List.of(mx), EngineFixture.Terms.PLAIN, 3_000)) {
                it.engine.suspend(Mailbox.of("x@hold.example").domain());
                it.sendContent("Subject: x\r\n\r\n" + "x".repeat(2_500) + "\r\n", "b@example.org", "x@hold.example");
                Mid mid = it.send("a@example.org", "no@example.com");
                it.clock.awaitAction();
                assertThat(it.events(DeliveryEvent.Bounced.class)).isEmpty();
                it.restart(List.of(mx), EngineFixture.Terms.PLAIN, 1 << 30);
                it.await(DeliveryEvent.Bounced.class, e -> e.verdict().mid().equals(mid));
                assertThat(it.events(MessageEvent.GeneratedForBounce.class)).singleElement().satisfies(e -> assertThat(e.bounced()).isEqualTo(mid));
            }
        }
    }

    @Nested
    class OfDelays {

        private static MessageEvent.GeneratedForDelay warning(EngineFixture it, Mid of) throws InterruptedException {
            // What is under way when the time comes is looked at again a minute later.
            for (int i = 0; i < 20 && it.events(MessageEvent.GeneratedForDelay.class).isEmpty(); i++) {
                it.clock.advance(Duration.ofSeconds(61));
                it.settleAll();
            }
            return it.await(MessageEvent.GeneratedForDelay.class, e -> e.delayed().equals(of));
        }

        private static void pass(EngineFixture it, Duration time) throws InterruptedException {
            for (Duration left = time; left.isPositive(); left = left.minusMinutes(10)) {
                it.clock.awaitAction();
                it.clock.advance(Duration.ofMinutes(10));
            }
        }

        private static String text(EngineFixture it, Mid report) throws Exception {
            try (var body = it.spool().body(report).orElseThrow()) {
                ByteBuffer all = ByteBuffer.allocate((int) body.length());
                while (all.hasRemaining() && body.read(all) >= 0) {
                    continue;
                }
                return new String(all.array(), StandardCharsets.UTF_8);
            }
        }

        @Test
        void mailThatTlsPolicyHoldsWarnsItsSenderOnce() throws Exception {
            try (FakeMx mx = host(Map.of()); EngineFixture it = engine(mx, t -> t.tls(TlsLevel.REQUIRED).bounces(HOURLY))) {
                Mid mid = it.send("a@example.org", "b@example.com");
                it.await(DeliveryEvent.Waits.class, e -> e.mid().equals(mid));
                pass(it, Duration.ofMinutes(50));
                assertThat(it.events(MessageEvent.GeneratedForDelay.class)).isEmpty();
                pass(it, Duration.ofMinutes(20));
                String report = text(it, warning(it, mid).mid());
                assertThat(report).contains("Action: delayed").contains("Status: 4.7.4").contains("Will-Retry-Until: ").contains("STARTTLS not offered").contains("\"required\"");
                pass(it, Duration.ofHours(5));
                assertThat(it.events(MessageEvent.GeneratedForDelay.class)).hasSize(1);
            }
        }

        @Test
        void mailThatIsRefusedForNowWarnsToo() throws Exception {
            try (FakeMx mx = host(Map.of("RCPT TO:<b@example.com>", Effect.line("451 4.3.0 not now"))); EngineFixture it = engine(mx, t -> t.bounces(HOURLY))) {
                Mid mid = it.send("a@example.org", "b@example.com");
                it.await(DeliveryEvent.Pending.class, e -> e.mid().equals(mid));
                pass(it, Duration.ofMinutes(80));
                assertThat(received(it, mx, warning(it, mid).mid()).content()).contains("Diagnostic-Code: smtp; 451 4.3.0 not now").contains("Action: delayed");
            }
        }

        @Test
        void overARestartItIsKnownWhatTheHostSaid() throws Exception {
            try (FakeMx mx = host(Map.of("RCPT TO:<b@example.com>", Effect.line("451 4.3.0 not now"))); EngineFixture it = engine(mx, t -> t.bounces(HOURLY))) {
                Mid mid = it.send("a@example.org", "b@example.com");
                it.await(DeliveryEvent.Pending.class, e -> e.mid().equals(mid));
                it.settleAll();
                it.restart();
                it.engine.suspend();
                it.clock.advance(Duration.ofMinutes(80));
                assertThat(text(it, warning(it, mid).mid())).contains("Diagnostic-Code: smtp; 451 4.3.0 not now").contains("Action: delayed");
            }
        }

        @Test
        void aRestartRepeatsNoWarning() throws Exception {
            try (FakeMx mx = host(Map.of("GREETING", Effect.line("554 5.3.2 closed"))); EngineFixture it = engine(mx, t -> t.bounces(HOURLY))) {
                Mid mid = it.send("a@example.org", "b@example.com");
                it.await(DeliveryEvent.Waits.class, e -> e.mid().equals(mid));
                pass(it, Duration.ofMinutes(70));
                warning(it, mid);
                it.restart();
                pass(it, Duration.ofHours(3));
                assertThat(it.events(MessageEvent.GeneratedForDelay.class)).hasSize(1);
            }
        }

        @Test
        void whoDidNotAskIsNotWarnedAndWhoAskedIsWithoutTheProfile() throws Exception {
            try (FakeMx mx = host(Map.of("GREETING", Effect.line("554 5.3.2 closed"))); EngineFixture it = engine(mx, t -> t)) {
                Mid asked = it.send(from("a@example.org", MailParameters.NONE, to("b@example.com", Notify.on(Notify.Event.DELAY)), to("c@example.com", Notify.on(Notify.Event.FAILURE))), CONTENT);
                it.send("a@example.org", "d@example.com");
                it.await(DeliveryEvent.Waits.class, e -> e.mid().equals(asked));
                pass(it, Duration.ofHours(5));
                assertThat(text(it, warning(it, asked).mid())).contains("Final-Recipient: rfc822; b@example.com").doesNotContain("c@example.com");
                assertThat(it.events(MessageEvent.GeneratedForDelay.class)).hasSize(1);
            }
        }

        @Test
        void oneWarningTellsOfAllDestinationsOfAMessage() throws Exception {
            try (FakeMx mx = host(Map.of("GREETING", Effect.line("554 5.3.2 closed"))); EngineFixture it = engine(mx, t -> t.bounces(HOURLY))) {
                Mid mid = it.send("a@example.org", "b@example.com", "c@example.net");
                it.await(DeliveryEvent.Waits.class, e -> e.mid().equals(mid), 2);
                pass(it, Duration.ofMinutes(80));
                assertThat(text(it, warning(it, mid).mid())).contains("rfc822; b@example.com").contains("rfc822; c@example.net");
                assertThat(it.events(MessageEvent.GeneratedForDelay.class)).hasSize(1);
            }
        }
    }

    @Nested
    class OfHandovers {

        /// RFC 3461 §5.2.2: a host without DSN is told nothing; the relay confirms, and says no more than that it relayed.
        @Test
        void successIsConfirmedAsRelayedWhereTheHostGivesNoReports() throws Exception {
            try (FakeMx mx = host(Map.of()); EngineFixture it = engine(mx, t -> t)) {
                Mid mid = it.send(from("a@example.org", MailParameters.NONE.withReturned(ReturnedPart.FULL), to("b@example.com", Notify.on(Notify.Event.SUCCESS)),
                        to("c@example.com", Notify.UNSAID)), CONTENT);
                Mid report = it.await(MessageEvent.GeneratedForRelay.class, e -> e.relayed().equals(mid)).mid();
                assertThat(received(it, mx, report).content()).contains("Action: relayed").contains("Status: 2.0.0").contains("rfc822; b@example.com").doesNotContain("c@example.com")
                        .contains("text/rfc822-headers");
            }
        }

        /// RFC 3461 §5.2.1: a host with DSN is told what the sender wants, and reports itself.
        @Test
        void aHostThatGivesReportsIsToldAndNothingIsConfirmed() throws Exception {
            try (FakeMx mx = host(Map.of("EHLO", new Effect.Say("250-mx.example.com\r\n250-PIPELINING\r\n250 DSN\r\n"))); EngineFixture it = engine(mx, t -> t)) {
                Mid mid = it.send(from("a@example.org", MailParameters.NONE.withReturned(ReturnedPart.HEADERS).withEnvelopeId("Q+1"),
                        new Recipient(Mailbox.of("b@example.com"), Notify.on(Notify.Event.SUCCESS, Notify.Event.DELAY), Optional.of(new OriginalRecipient("rfc822", "x+y@example.org")))), CONTENT);
                it.await(MessageEvent.Finished.class, e -> e.mid().equals(mid));
                assertThat(mx.received().getFirst().commands()).contains("MAIL FROM:<a@example.org> RET=HDRS ENVID=Q+2B1",
                        "RCPT TO:<b@example.com> NOTIFY=SUCCESS,DELAY ORCPT=rfc822;x+2By@example.org");
                assertThat(it.events(MessageEvent.GeneratedForRelay.class)).isEmpty();
            }
        }

        @Test
        void nobodyWhoDidNotAskIsToldOfSuccess() throws Exception {
            try (FakeMx mx = host(Map.of()); EngineFixture it = engine(mx, t -> t)) {
                Mid mid = it.send("a@example.org", "b@example.com");
                it.await(MessageEvent.Finished.class, e -> e.mid().equals(mid));
                assertThat(it.events(MessageEvent.GeneratedForRelay.class)).isEmpty();
            }
        }
    }

    @Nested
    class OfDeadlines {

        private static MailParameters by(EngineFixture it, DeliverBy.Mode mode, boolean trace) {
            return MailParameters.NONE.withDeliverBy(new DeliverBy(it.clock.instant().plus(Duration.ofMinutes(10)), mode, trace));
        }

        private static void pass(EngineFixture it, Duration time) throws InterruptedException {
            for (Duration left = time; left.isPositive(); left = left.minusSeconds(30)) {
                it.clock.awaitAction();
                it.clock.advance(Duration.ofSeconds(30));
                it.settle();
            }
        }

        /// RFC 2852 §4.1: mode R comes back at its deadline, though the queue's time is days.
        @Test
        void whatIsWantedBackComesBackAtItsDeadline() throws Exception {
            try (FakeMx mx = host(Map.of("GREETING", Effect.line("554 5.3.2 closed"))); EngineFixture it = engine(mx, t -> t)) {
                Mid mid = it.send(from("a@example.org", by(it, DeliverBy.Mode.RETURN, false), Recipient.of("b@example.com")), CONTENT);
                it.await(DeliveryEvent.Waits.class, e -> e.mid().equals(mid));
                it.clock.awaitAction();
                it.clock.advance(Duration.ofMinutes(11));
                assertThat(it.await(DeliveryEvent.Bounced.class, e -> e.verdict().mid().equals(mid)).verdict().status()).hasToString("5.4.7");
                it.await(MessageEvent.GeneratedForBounce.class, e -> e.bounced().equals(mid));
            }
        }

        @Test
        void aDeadlineThatOnlyTellsIsToldAndDeliveryGoesOn() throws Exception {
            try (FakeMx mx = host(Map.of("GREETING", Effect.line("554 5.3.2 closed"))); EngineFixture it = engine(mx, t -> t)) {
                Mid mid = it.send(from("a@example.org", by(it, DeliverBy.Mode.NOTIFY, false), Recipient.of("b@example.com")), CONTENT);
                it.await(DeliveryEvent.Waits.class, e -> e.mid().equals(mid));
                pass(it, Duration.ofMinutes(12));
                it.await(MessageEvent.GeneratedForDelay.class, e -> e.delayed().equals(mid));
                assertThat(it.events(DeliveryEvent.Bounced.class)).isEmpty();
            }
        }

        /// RFC 2852 §4.1, `T`: each relay says that the message left it.
        @Test
        void whoFollowsAMessageHearsOfEveryHop() throws Exception {
            try (FakeMx mx = host(Map.of("EHLO", new Effect.Say("250-mx.example.com\r\n250-DSN\r\n250 DELIVERBY\r\n"))); EngineFixture it = engine(mx, t -> t)) {
                Mid mid = it.send(from("a@example.org", by(it, DeliverBy.Mode.NOTIFY, true), Recipient.of("b@example.com")), CONTENT);
                it.await(MessageEvent.GeneratedForRelay.class, e -> e.relayed().equals(mid));
            }
        }

        /// RFC 4865 §4: nothing is tried before, and a restart does not forget it.
        @Test
        void whatItsSenderHoldsLeavesWhenHeSaid() throws Exception {
            try (FakeMx mx = host(Map.of()); EngineFixture it = engine(mx, t -> t)) {
                Mid mid = it.send(from("a@example.org", MailParameters.NONE.withHoldUntil(it.clock.instant().plus(Duration.ofDays(5))), Recipient.of("b@example.com")), CONTENT);
                it.clock.awaitAction();
                it.clock.advance(Duration.ofDays(4));
                it.restart();
                it.settle();
                assertThat(it.events(DeliveryEvent.Opened.class)).isEmpty();
                assertThat(it.engine.of(mid)).singleElement().satisfies(entry -> {
                    assertThat(entry.reason()).isEqualTo("held by its sender");
                    assertThat(entry.next()).isEqualTo(it.clock.instant().plus(Duration.ofDays(1)));
                });
                it.clock.awaitAction();
                it.clock.advance(Duration.ofDays(1).plusSeconds(2));
                it.await(DeliveryEvent.Delivered.class, e -> e.mid().equals(mid));
            }
        }
    }
}
