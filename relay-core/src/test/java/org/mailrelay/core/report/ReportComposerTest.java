package org.mailrelay.core.report;

import static org.assertj.core.api.Assertions.assertThat;

import jakarta.mail.BodyPart;
import jakarta.mail.Session;
import jakarta.mail.internet.InternetHeaders;
import jakarta.mail.internet.MimeMessage;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Properties;
import java.util.Random;
import java.util.Set;
import java.util.random.RandomGenerator;
import org.eclipse.angus.mail.dsn.DeliveryStatus;
import org.eclipse.angus.mail.dsn.MultipartReport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Reports, read by a parser that is not ours.
class ReportComposerTest {

    private static final Returned HEADERS = new Returned.Headers("Subject: hello\r\nFrom: <sender@example.org>\r\n".getBytes(StandardCharsets.US_ASCII));
    private static final Returned NOTHING = new Returned.Nothing();

    private static ReportComposer.Composed compose(Report report, Returned returned) {
        return ReportComposer.compose(report, returned, new Random(6522));
    }

    private static String text(ReportComposer.Composed composed) {
        return new String(composed.octets(), StandardCharsets.UTF_8);
    }

    private static MimeMessage parsed(ReportComposer.Composed composed) throws Exception {
        return new MimeMessage(Session.getInstance(new Properties()), new ByteArrayInputStream(composed.octets()));
    }

    private static MultipartReport parts(ReportComposer.Composed composed) throws Exception {
        return new MultipartReport(parsed(composed).getDataHandler().getDataSource());
    }

    private static DeliveryStatus status(ReportComposer.Composed composed) throws Exception {
        return new DeliveryStatus(parts(composed).getBodyPart(1).getInputStream());
    }

    /// A field's value with its folds undone.
    private static String field(InternetHeaders group, String name) {
        String value = group.getHeader(name, ", ");
        return value == null ? "" : value.replaceAll("\r\n ?", " ").strip();
    }

    @Test
    void R_BNC_1_aFailureIsAReportInThreeParts() throws Exception {
        MimeMessage message = parsed(compose(Reports.report(Action.FAILED, Reports.refused("no@example.com", "5.1.1", 550, "5.1.1 no such user")), HEADERS));
        assertThat(message.getHeader("From", null)).isEqualTo("Mail Delivery System <MAILER-DAEMON@relay.example.net>");
        assertThat(message.getHeader("To", null)).isEqualTo("<sender@example.org>");
        assertThat(message.getSubject()).isEqualTo("Delivery Status Notification (Failure)");
        assertThat(message.getHeader("Auto-Submitted", null)).isEqualTo("auto-replied");
        assertThat(message.getSentDate().toInstant()).isEqualTo(Reports.NOW);
        assertThat(message.getMessageID()).endsWith("@relay.example.net>");
        MultipartReport report = new MultipartReport(message.getDataHandler().getDataSource());
        assertThat(report.getCount()).isEqualTo(3);
        assertThat(report.getBodyPart(0).getContentType()).startsWith("text/plain");
        assertThat(report.getBodyPart(1).isMimeType("message/delivery-status")).isTrue();
        assertThat(report.getBodyPart(2).isMimeType("text/rfc822-headers")).isTrue();
        assertThat(new String(report.getBodyPart(2).getInputStream().readAllBytes(), StandardCharsets.US_ASCII)).isEqualTo("Subject: hello\r\nFrom: <sender@example.org>\r\n");
    }

    @Test
    void R_BNC_2_everyRecipientHasItsGroupOfFields() throws Exception {
        DeliveryStatus status = status(compose(Reports.report(Action.FAILED,
                Reports.original(Reports.refused("no@example.com", "5.1.1", 550, "5.1.1 no such user", "5.1.1 go away"), "rfc822", "Old One+x=y@example.com"),
                Reports.held("b@bank.example", "5.7.4", "required", "STARTTLS not offered")), NOTHING));
        InternetHeaders message = status.getMessageDSN();
        assertThat(field(message, "Reporting-MTA")).isEqualTo("dns; relay.example.net");
        assertThat(field(message, "Original-Envelope-Id")).isEqualTo("QQ314159 +=");
        assertThat(field(message, "Received-From-MTA")).isEqualTo("dns; app1.example.org");
        assertThat(field(message, "Arrival-Date")).isEqualTo("Mon, 23 Nov 2026 10:00:00 +0000");
        assertThat(status.getRecipientDSNCount()).isEqualTo(2);
        InternetHeaders first = status.getRecipientDSN(0);
        assertThat(field(first, "Final-Recipient")).isEqualTo("rfc822; no@example.com");
        assertThat(field(first, "Original-Recipient")).isEqualTo("rfc822; Old One+x=y@example.com");
        assertThat(field(first, "Action")).isEqualTo("failed");
        assertThat(field(first, "Status")).isEqualTo("5.1.1");
        assertThat(field(first, "Remote-MTA")).isEqualTo("dns; mx1.example.com");
        assertThat(field(first, "Diagnostic-Code")).isEqualTo("smtp; 550 5.1.1 no such user 5.1.1 go away");
        assertThat(field(first, "Last-Attempt-Date")).isEqualTo("Tue, 24 Nov 2026 09:08:07 +0000");
        assertThat(field(first, "Will-Retry-Until")).isEmpty();
        InternetHeaders second = status.getRecipientDSN(1);
        assertThat(field(second, "Final-Recipient")).isEqualTo("rfc822; b@bank.example");
        assertThat(field(second, "Diagnostic-Code")).isEqualTo("x-mailrelay; STARTTLS not offered");
    }

    @Test
    void aWarningSaysUntilWhenAndThatNothingNeedBeDone() throws Exception {
        ReportComposer.Composed warning = compose(Reports.report(Action.DELAYED, Reports.held("b@bank.example", "4.7.4", "required", "STARTTLS not offered")), HEADERS);
        InternetHeaders fields = status(warning).getRecipientDSN(0);
        assertThat(field(fields, "Action")).isEqualTo("delayed");
        assertThat(field(fields, "Status")).isEqualTo("4.7.4");
        assertThat(field(fields, "Will-Retry-Until")).isEqualTo("Thu, 26 Nov 2026 10:00:00 +0000");
        String words = parts(warning).getBodyPart(0).getContent().toString().replaceAll("\\s+", " ");
        assertThat(words).contains("This is a warning only").contains("TLS policy \"required\"").contains("mx1.example.com: STARTTLS not offered (4.7.4)")
                .contains("until Thu, 26 Nov 2026 10:00:00 +0000").contains("You need not send it again").contains("offer encryption (STARTTLS) correctly");
        assertThat(words).doesNotContain("yaml");
    }

    @Test
    void aHandoverIsConfirmedAsRelayedAndPromisesNoMore() throws Exception {
        ReportComposer.Composed report = compose(Reports.report(Action.RELAYED, Reports.refused("b@example.com", "2.0.0", 250, "2.0.0 OK")), HEADERS);
        assertThat(field(status(report).getRecipientDSN(0), "Action")).isEqualTo("relayed");
        assertThat(parsed(report).getSubject()).isEqualTo("Delivery Status Notification (Relay)");
        assertThat(parts(report).getBodyPart(0).getContent().toString().replaceAll("\\s+", " ")).contains("sends no confirmations");
    }

    /// RFC 3464 §2.3.3: what was done; RFC 3464 §2.3.4: the class of the status says the same.
    @ParameterizedTest
    @CsvSource({"FAILED, 5.1.1, failed", "DELAYED, 4.7.4, delayed", "RELAYED, 2.0.0, relayed"})
    void R_BNC_3_actionAndStatusAgree(Action action, String status, String word) throws Exception {
        InternetHeaders fields = status(compose(Reports.report(action, Reports.refused("b@example.com", status, 250, status + " x")), HEADERS)).getRecipientDSN(0);
        assertThat(field(fields, "Action")).isEqualTo(word);
        assertThat(field(fields, "Status")).isEqualTo(status);
    }

    @Test
    void R_BNC_4_remoteTextIsFoldedAndKeepsItsGroup() throws Exception {
        String hostile = "5.0.0 x\r\n\r\nFinal-Recipient: rfc822; other@example.com\0\u001b[2J " + "y".repeat(700);
        ReportComposer.Composed report = compose(Reports.report(Action.FAILED, Reports.refused("a@example.com", "5.0.0", 554, hostile)), NOTHING);
        DeliveryStatus status = status(report);
        assertThat(status.getRecipientDSNCount()).isEqualTo(1);
        assertThat(field(status.getRecipientDSN(0), "Final-Recipient")).isEqualTo("rfc822; a@example.com");
        assertThat(field(status.getRecipientDSN(0), "Diagnostic-Code")).contains("\\r\\n\\r\\nFinal-Recipient").contains("\\x1b");
        assertThat(text(report).lines()).allMatch(line -> line.length() <= 998);
    }

    @Test
    void whatIsNotAsciiIsNeverAQuestionMark() throws Exception {
        String latin = new String("Empfänger unbekannt".getBytes(StandardCharsets.UTF_8), StandardCharsets.ISO_8859_1);
        ReportComposer.Composed report = compose(Reports.report(Action.FAILED, Reports.refused("a@example.com", "5.1.1", 550, latin)), NOTHING);
        assertThat(report.eightBit()).isFalse();
        assertThat(parts(report).getBodyPart(0).getContent().toString()).contains("Empfänger unbekannt");
        assertThat(parts(report).getBodyPart(0).getContentType()).contains("utf-8");
        assertThat(field(status(report).getRecipientDSN(0), "Diagnostic-Code")).isEqualTo("smtp; 550 Empf\\x{E4}nger unbekannt");
    }

    @Test
    void R_UTF8_1_internationalisedMailIsReportedInGlobalParts() throws Exception {
        Returned header = new Returned.Headers("Subject: Grüße\r\n".getBytes(StandardCharsets.UTF_8));
        RecipientReport refused = Reports.original(Reports.refused("jürgen@example.com", "5.1.1", 550, "no"), "utf-8", "ältere@example.com");
        ReportComposer.Composed report = compose(Reports.international(Action.FAILED, "absender@example.org", refused), header);
        assertThat(report.eightBit()).isTrue();
        assertThat(report.smtpUtf8()).isFalse();
        List<String> types = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            BodyPart part = parts(report).getBodyPart(i);
            types.add(part.getContentType().replaceAll(";.*", "") + " " + part.getHeader("Content-Transfer-Encoding")[0]);
        }
        assertThat(types).containsExactly("text/plain quoted-printable", "message/global-delivery-status 8bit", "message/global-headers 8bit");
        assertThat(text(report)).contains("Final-Recipient: utf-8; jürgen@example.com\r\n").contains("Original-Recipient: utf-8; ältere@example.com\r\n").contains("Subject: Grüße\r\n");
        assertThat(compose(Reports.international(Action.FAILED, "jörg@example.org", refused), header).smtpUtf8()).isTrue();
    }

    @Test
    void anInternationalAddressInAnAsciiReportIsWrittenInItsSevenBitForm() throws Exception {
        ReportComposer.Composed report = compose(Reports.report(Action.FAILED, Reports.original(Reports.refused("jürgen@example.com", "5.6.7", 550, "no"), "utf-8", "ä@example.com")), NOTHING);
        assertThat(field(status(report).getRecipientDSN(0), "Final-Recipient")).isEqualTo("utf-8; j\\x{FC}rgen@example.com");
        assertThat(field(status(report).getRecipientDSN(0), "Original-Recipient")).isEqualTo("utf-8; \\x{E4}@example.com");
    }

    @Test
    void R_BNC_5_anEightBitHeaderIsEncodedAndAWholeEightBitMessageIsNot() throws Exception {
        byte[] header = "Subject: Grüße\r\nX: y \r\n".getBytes(StandardCharsets.UTF_8);
        ReportComposer.Composed headers = compose(Reports.report(Action.FAILED, Reports.refused("a@example.com", "5.1.1", 550, "no")), new Returned.Headers(header));
        assertThat(headers.eightBit()).isFalse();
        assertThat(parts(headers).getBodyPart(2).getInputStream().readAllBytes()).isEqualTo(header);
        byte[] whole = "Subject: x\r\n\r\nGrüße\r\n.\r\n".getBytes(StandardCharsets.ISO_8859_1);
        ReportComposer.Composed full = compose(Reports.report(Action.FAILED, Reports.refused("a@example.com", "5.1.1", 550, "no")), new Returned.Full(whole));
        assertThat(full.eightBit()).isTrue();
        assertThat(parsed(full).getHeader("Content-Transfer-Encoding", null)).isEqualTo("8bit");
        assertThat(parts(full).getBodyPart(2).getHeader("Content-Transfer-Encoding")).containsExactly("8bit");
        assertThat(parts(full).getBodyPart(2).isMimeType("message/rfc822")).isTrue();
        assertThat(parts(full).getBodyPart(2).getInputStream().readAllBytes()).isEqualTo(whole);
    }

    @Test
    void aHeaderWithLinesThatAreTooLongIsEncodedToo() throws Exception {
        byte[] header = ("X: " + "z".repeat(2_000) + "\r\n").getBytes(StandardCharsets.US_ASCII);
        ReportComposer.Composed report = compose(Reports.report(Action.FAILED, Reports.refused("a@example.com", "5.1.1", 550, "no")), new Returned.Headers(header));
        assertThat(text(report).lines()).allMatch(line -> line.length() <= 998);
        assertThat(parts(report).getBodyPart(2).getInputStream().readAllBytes()).isEqualTo(header);
    }

    @Test
    void theBoundaryDiffersFromReportToReport() {
        Random random = new Random(1);
        Set<String> seen = new HashSet<>();
        for (int i = 0; i < 1_000; i++) {
            String text = text(ReportComposer.compose(Reports.report(Action.FAILED, Reports.refused("a@example.com", "5.1.1", 550, "no")), NOTHING, random));
            seen.add(text.substring(text.indexOf("boundary=\"") + 10, text.indexOf('"', text.indexOf("boundary=\"") + 10)));
        }
        assertThat(seen).hasSize(1_000);
    }

    /// RFC 2046 §5.1.1: the boundary must not appear in what it bounds.
    @Test
    void aBoundaryThatOccursInTheContentIsMadeAnew() throws Exception {
        RandomGenerator zerosFirst = new RandomGenerator() {
            private int asked;

            @Override
            public long nextLong() {
                return asked;
            }

            @Override
            public int nextInt(int bound) {
                return asked++ < 25 ? 0 : 1;
            }
        };
        byte[] header = ("Subject: x\r\n--=_" + "0".repeat(25) + "--\r\n").getBytes(StandardCharsets.US_ASCII);
        ReportComposer.Composed report = ReportComposer.compose(Reports.report(Action.FAILED, Reports.refused("a@example.com", "5.1.1", 550, "no")), new Returned.Headers(header), zerosFirst);
        assertThat(text(report)).contains("boundary=\"=_" + "1".repeat(25) + "\"");
        assertThat(parts(report).getBodyPart(2).getInputStream().readAllBytes()).isEqualTo(header);
    }

    @Test
    void whateverARemoteHostSaysTheReportIsWellFormed() throws Exception {
        Random random = new Random(3464);
        for (int round = 0; round < 200; round++) {
            StringBuilder said = new StringBuilder();
            for (int i = random.nextInt(60); i > 0; i--) {
                said.append(random.nextInt(4) == 0 ? (char) random.nextInt(256) : random.nextInt(3) == 0 ? ' ' : 'x');
            }
            RecipientReport one = Reports.refused("a@example.com", "5.0.0", 554, said.toString(), "-".repeat(random.nextInt(1_200)));
            ReportComposer.Composed report = ReportComposer.compose(Reports.report(Action.FAILED, Collections.nCopies(3, one).toArray(RecipientReport[]::new)), HEADERS, random);
            assertThat(text(report)).as("seven-bit, no controls, only CRLF").matches("(?s)([ -~\t]|\r\n)*+");
            assertThat(text(report).lines()).allMatch(line -> line.length() <= 998);
            assertThat(parts(report).getCount()).isEqualTo(3);
            assertThat(status(report).getRecipientDSNCount()).isEqualTo(3);
        }
    }
}
