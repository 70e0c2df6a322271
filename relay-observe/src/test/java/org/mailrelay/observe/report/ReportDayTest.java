package org.mailrelay.observe.report;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.LocalDate;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.mailrelay.core.mail.Domain;
import org.mailrelay.core.mail.Mailbox;
import org.mailrelay.core.replay.Circumstances;
import org.mailrelay.core.replay.SeenPeer;
import org.mailrelay.core.settings.RelaySettings;
import org.mailrelay.core.tls.DaneUse;
import org.mailrelay.core.tls.DnssecState;
import org.mailrelay.core.tls.LadderStep;
import org.mailrelay.core.tls.MessageNeed;
import org.mailrelay.core.tls.Published;
import org.mailrelay.core.tls.PublishedPolicy;
import org.mailrelay.core.tls.StsLookup;
import org.mailrelay.core.tls.TlsReason;
import org.mailrelay.core.tls.TlsaLookup;
import org.mailrelay.core.tls.TlsaRecord;
import org.mailrelay.observe.session.SessionRecord;

class ReportDayTest {

    private static final LocalDate DAY = LocalDate.of(2026, 1, 17);
    private static final Instant AT = Instant.parse("2026-01-17T12:00:00Z");
    private static final Domain EXAMPLE = Domain.of("company-y.example");
    private static final PublishedPolicy STS = new PublishedPolicy(PublishedPolicy.Type.STS, List.of("version: STSv1", "mode: testing", "mx: *.mail.company-y.example", "max_age: 86400"),
            EXAMPLE, List.of("*.mail.company-y.example"));
    private static final PublishedPolicy TLSA = new PublishedPolicy(PublishedPolicy.Type.TLSA, List.of("3 1 1 ab"), Domain.of("mx1.mail.company-y.example"), List.of());
    private static final RelaySettings.TlsReports FROM = new RelaySettings.TlsReports(Mailbox.of("tls-reports@company-x.example"), "sts-reporting@company-x.example", "Company-X");

    private final ReportDay day = new ReportDay(DAY);

    private static SessionRecord session(String version, List<TlsReason> unmet, List<TlsReason> noted, Optional<TlsReason> clear, List<PublishedPolicy> policies, boolean ofReport) {
        return new SessionRecord(AT, 30, EXAMPLE, "default", "mx1.mail.company-y.example", "203.0.113.56", "2001:db8:abcd:12::1", "", version, "", clear, unmet, noted, Optional.empty(),
                "", List.of(), new SessionRecord.Carried(1, 1, 1), policies, ofReport, Optional.empty());
    }

    private static SessionRecord good(List<PublishedPolicy> policies) {
        return session("TLSv1.3", List.of(), List.of(), Optional.empty(), policies, false);
    }

    private static SessionRecord bad(TlsReason why, List<PublishedPolicy> policies) {
        return session("", List.of(why), List.of(), Optional.empty(), policies, false);
    }

    private List<TlsReport.Counted> counted() {
        return day.reports().stream().flatMap(report -> report.policies().stream()).toList();
    }

    private TlsReport.Counted of(PublishedPolicy policy) {
        return counted().stream().filter(counted -> counted.policy().equals(policy)).findFirst().orElseThrow();
    }

    /// RFC 8460 §4.4: both policies where both apply.
    @Test
    void R_RPT_2_countsASessionUnderEachPolicyThatApplied() {
        day.accept(good(List.of(TLSA, STS)));
        day.accept(session("TLSv1.3", List.of(), List.of(TlsReason.HOST_MISMATCH), Optional.empty(), List.of(TLSA, STS), false));
        assertThat(of(TLSA)).isEqualTo(new TlsReport.Counted(TLSA, 2, 0, List.of()));
        assertThat(of(STS).succeeded()).isEqualTo(1);
        assertThat(of(STS).details()).containsExactly(new TlsReport.Detail(new TlsReport.Failure("certificate-host-mismatch", "2001:db8:abcd:12::1", "mx1.mail.company-y.example",
                "203.0.113.56", "certificate name mismatch"), 1));
        assertThat(day.reports()).extracting(TlsReport::domain).containsExactly(EXAMPLE, Domain.of("mx1.mail.company-y.example"));
    }

    @Test
    void R_RPT_7_theSeedCaseIsOneStarttlsNotSupportedASession() {
        day.accept(session("", List.of(), List.of(), Optional.of(TlsReason.NOT_OFFERED), List.of(), false));
        day.accept(bad(TlsReason.NOT_OFFERED, List.of(STS)));
        assertThat(counted()).allSatisfy(counted -> {
            assertThat(counted.failed()).isEqualTo(1);
            assertThat(counted.details().getFirst().failure().resultType()).isEqualTo("starttls-not-supported");
        }).extracting(counted -> counted.policy().type()).containsExactlyInAnyOrder(PublishedPolicy.Type.NO_POLICY_FOUND, PublishedPolicy.Type.STS);
    }

    /// The registry has no type for a host that a policy does not list.
    @Test
    void R_RPT_5_aHostThatThePolicyDoesNotListIsAFailedValidation() {
        day.accept(bad(TlsReason.STS_MX_MISMATCH, List.of(STS)));
        assertThat(of(STS).details()).singleElement().satisfies(detail -> {
            assertThat(detail.failure().resultType()).isEqualTo("validation-failure");
            assertThat(detail.failure().reason()).isEqualTo("mail host not listed in the MTA-STS policy");
        });
    }

    @Test
    void whatNeverSpokeIsNoSession() {
        day.accept(session("", List.of(), List.of(), Optional.empty(), List.of(STS), false));
        day.accept(session("", List.of(), List.of(), Optional.of(TlsReason.POLICY_NONE), List.of(), false));
        assertThat(counted()).isEmpty();
    }

    /// RFC 8460 §1.1: the smart host's domain in place of the recipient's.
    /// R-POL-4.
    @Test
    void aRoutedSessionIsOfTheSmartHostsDomain() {
        day.accept(routed("smarthost.example:587"));
        day.accept(routed("[192.0.2.7]:25"));
        assertThat(counted()).extracting(counted -> counted.policy().domain()).containsExactly(Domain.of("smarthost.example"));
    }

    private static SessionRecord routed(String via) {
        Circumstances then = new Circumstances(Optional.empty(), MessageNeed.NONE, Optional.empty(), Optional.empty(), Optional.of(via), Published.NOTHING, LadderStep.HYBRID, DaneUse.NONE);
        return new SessionRecord(AT, 30, EXAMPLE, "default", "mx", "203.0.113.56", "2001:db8::1", "", "TLSv1.3", "", Optional.empty(), List.of(), List.of(), Optional.empty(), "", List.of(),
                SessionRecord.Carried.NOTHING, List.of(), false, Optional.of(new SessionRecord.Facts(then, SeenPeer.NOTHING, "")));
    }

    /// The strings of a policy are the records themselves: a SHA-512 digest whole.
    @Test
    void R_RPT_3_tlsaRecordsAreToldWhole() {
        TlsaLookup published = new TlsaLookup.Usable(List.of(new TlsaRecord(3, 1, 2, "cd".repeat(64))), EXAMPLE, List.of(EXAMPLE));
        assertThat(PublishedPolicy.of(new Published(DnssecState.SECURE, DnssecState.SECURE, published, new StsLookup.NotAsked()), EXAMPLE, Optional.empty())).singleElement()
                .satisfies(policy -> assertThat(policy.strings()).containsExactly("3 1 2 " + "cd".repeat(64)));
    }

    @Test
    void R_RPT_6_reportsAreNotReportedOn() {
        day.accept(session("TLSv1.3", List.of(), List.of(), Optional.empty(), List.of(STS), true));
        assertThat(counted()).isEmpty();
    }

    @ParameterizedTest
    @EnumSource(TlsReason.class)
    void R_RPT_4_noReasonGivesAnotherTypeThanTheElevenOfTheRegistry(TlsReason reason) {
        Set<String> registry = Set.of("starttls-not-supported", "certificate-host-mismatch", "certificate-not-trusted", "certificate-expired", "validation-failure",
                "tlsa-invalid", "dnssec-invalid", "dane-required", "sts-policy-fetch-error", "sts-policy-invalid", "sts-webpki-invalid");
        reason.reportType().ifPresent(type -> assertThat(registry).contains(type));
        boolean concernsSome = Arrays.stream(PublishedPolicy.Type.values()).anyMatch(type -> type.concernedBy(reason));
        assertThat(concernsSome).isEqualTo(reason.reportType().isPresent());
    }

    /// By a session, under each policy that the reason concerns: as what was unmet, as what was noted, and as why mail went in the clear.
    @Test
    void R_RPT_4_everyTypeOfTheRegistryIsReachedByASession() {
        Map<PublishedPolicy.Type, PublishedPolicy> policies = Map.of(PublishedPolicy.Type.STS, STS, PublishedPolicy.Type.TLSA, TLSA, PublishedPolicy.Type.NO_POLICY_FOUND, PublishedPolicy.none(EXAMPLE));
        Set<String> reached = new TreeSet<>();
        for (TlsReason reason : TlsReason.values()) {
            for (PublishedPolicy.Type type : PublishedPolicy.Type.values()) {
                if (reason.reportType().isEmpty() || !type.concernedBy(reason)) {
                    continue;
                }
                List<PublishedPolicy> published = type == PublishedPolicy.Type.NO_POLICY_FOUND ? List.of() : List.of(policies.get(type));
                for (SessionRecord session : List.of(bad(reason, published), session("TLSv1.3", List.of(), List.of(reason), Optional.empty(), published, false),
                        session("", List.of(), List.of(), Optional.of(reason), published, false))) {
                    ReportDay one = new ReportDay(DAY);
                    one.accept(session);
                    assertThat(one.reports()).singleElement().satisfies(report -> assertThat(report.policies()).singleElement().satisfies(counted -> {
                        assertThat(counted.policy()).isEqualTo(policies.get(type));
                        assertThat(counted.succeeded()).isZero();
                        assertThat(counted.failed()).isEqualTo(1);
                        assertThat(counted.details().getFirst().failure().resultType()).isEqualTo(reason.reportType().get());
                        reached.add(reason.reportType().get());
                    }));
                }
            }
        }
        assertThat(reached).hasSize(11);
    }

    /// R-RPT-8
    @Test
    void boundsTheDetailsAndLosesNoCount() {
        for (int n = 0; n < 3_000; n++) {
            day.accept(new SessionRecord(AT, n, EXAMPLE, "default", "mx" + n + ".company-y.example", "203.0.113.56", "", "", "", "", Optional.empty(), List.of(TlsReason.NOT_OFFERED),
                    List.of(), Optional.empty(), "", List.of(), SessionRecord.Carried.NOTHING, List.of(STS), false, Optional.empty()));
        }
        assertThat(of(STS).details()).hasSizeLessThanOrEqualTo(1_001);
        assertThat(of(STS).details().stream().mapToLong(TlsReport.Detail::sessions).sum()).isEqualTo(3_000);
    }

    /// The shape of RFC 8460's appendix B, with `mx-host` as a list.
    @Test
    void R_RPT_3_theJsonHasTheShapeOfTheExample() {
        day.accept(good(List.of(STS)));
        day.accept(bad(TlsReason.CERTIFICATE_EXPIRED, List.of(STS)));
        day.accept(bad(TlsReason.CERTIFICATE_EXPIRED, List.of(STS)));
        assertThat(ReportJson.text(day.reports().getFirst(), FROM)).isEqualTo("""
                {"organization-name":"Company-X",\
                "date-range":{"start-datetime":"2026-01-17T00:00:00Z","end-datetime":"2026-01-17T23:59:59Z"},\
                "contact-info":"sts-reporting@company-x.example","report-id":"2026-01-17.company-y.example@company-x.example",\
                "policies":[{"policy":{"policy-type":"sts","policy-string":["version: STSv1","mode: testing","mx: *.mail.company-y.example","max_age: 86400"],\
                "policy-domain":"company-y.example","mx-host":["*.mail.company-y.example"]},\
                "summary":{"total-successful-session-count":1,"total-failure-session-count":2},\
                "failure-details":[{"result-type":"certificate-expired","receiving-ip":"203.0.113.56","receiving-mx-hostname":"mx1.mail.company-y.example",\
                "sending-mta-ip":"2001:db8:abcd:12::1","failed-session-count":2,"failure-reason-code":"certificate expired or not yet valid"}]}]}""");
    }

    @Test
    void R_RPT_6_theMessageCarriesTheReportCompressed() throws Exception {
        day.accept(good(List.of(STS)));
        TlsReport report = day.reports().getFirst();
        String message = ReportMail.message(report, FROM, Mailbox.of("reports@company-y.example"), AT);
        assertThat(message).contains("\r\nSubject: Report Domain: company-y.example Submitter: company-x.example Report-ID: <2026-01-17.company-y.example@company-x.example>\r\n",
                "\r\nTLS-Report-Domain: company-y.example\r\nTLS-Report-Submitter: company-x.example\r\nTLS-Required: No\r\n",
                "\r\nContent-Type: multipart/report; report-type=\"tlsrpt\"; boundary=\"", "\r\nContent-Type: application/tlsrpt+gzip\r\n",
                "filename=\"company-x.example!company-y.example!1768608000!1768694399.json.gz\"").endsWith("--\r\n");
        assertThat(message.lines()).noneMatch(line -> line.startsWith(".")).allMatch(line -> line.length() <= 998);
        assertThat(message.replace("\r\n", "")).doesNotContain("\r").doesNotContain("\n");
        String base64 = message.substring(message.indexOf(".json.gz\"\r\n\r\n") + 12, message.lastIndexOf("\r\n--"));
        byte[] json = new GZIPInputStream(new ByteArrayInputStream(Base64.getMimeDecoder().decode(base64))).readAllBytes();
        assertThat(new String(json, StandardCharsets.US_ASCII)).isEqualTo(ReportJson.text(report, FROM));
    }

    @Test
    void R_RPT_1_readsWhereReportsAreWanted() {
        assertThat(ReportRequest.of(List.of("v=spf1 -all", "v=TLSRPTv1; rua=mailto:tls@company-y.example, https://reports.company-y.example/v1/tlsrpt;")))
                .contains(new ReportRequest(List.of(Mailbox.of("tls@company-y.example")), List.of(URI.create("https://reports.company-y.example/v1/tlsrpt"))));
        assertThat(ReportRequest.of(List.of("v=TLSRPTv1; rua=mailto:a%2Bb@company-y.example"))).map(ReportRequest::mailboxes).contains(List.of(Mailbox.of("a+b@company-y.example")));
        assertThat(ReportRequest.of(List.of())).isEmpty();
        assertThat(ReportRequest.of(List.of("v=TLSRPTv1; rua=mailto:a@b.example", "v=TLSRPTv1; rua=mailto:a@b.example"))).isEmpty();
        assertThat(ReportRequest.of(List.of("v=TLSRPTv12; rua=mailto:a@b.example"))).isEmpty();
        assertThat(ReportRequest.of(List.of("v=TLSRPTv1; rua=http://plain.example/, ftp://x, mailto:, mailto:a b@c, https://u:p@h.example/, :::"))).isEmpty();
        String many = "v=TLSRPTv1; rua=" + "mailto:a@b.example,".repeat(100);
        assertThat(ReportRequest.of(List.of(many)).orElseThrow().mailboxes()).hasSizeLessThanOrEqualTo(10);
        assertThat(ReportRequest.of(List.of("v=TLSRPTv1; rua=mailto:x\r\nBcc:y@b.example"))).isEmpty();
    }
}
