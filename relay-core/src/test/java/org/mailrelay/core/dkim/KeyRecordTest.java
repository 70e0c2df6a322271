package org.mailrelay.core.dkim;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class KeyRecordTest {

    private static final KeyRecord OURS = KeyRecord.of(Algorithm.RSA_SHA256, new byte[] {1, 2, 3}, Set.of("*"));

    @Test
    void aLongRecordIsCutIntoStringsOfAZoneFile() {
        String line = KeyRecord.of(Algorithm.RSA_SHA256, new byte[294], Set.of("*")).zoneLine("s1._domainkey.bank.example");
        assertThat(line).startsWith("s1._domainkey.bank.example. IN TXT ( \"v=DKIM1; k=rsa; p=AAAA").endsWith("\" )");
        assertThat(line.split("\"")).allSatisfy(part -> assertThat(part.length()).isLessThanOrEqualTo(255));
    }

    @Test
    void whatIsPublishedAsWrittenHasNoFaults() {
        assertThat(OURS.faults(List.of(OURS.text()))).isEmpty();
        KeyRecord reports = KeyRecord.of(Algorithm.ED25519_SHA256, new byte[32], Set.of("tlsrpt", "email"));
        assertThat(reports.text()).startsWith("v=DKIM1; k=ed25519; s=email:tlsrpt; p=");
        assertThat(reports.faults(List.of(reports.text()))).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "v=DKIM1; p= | the key is revoked (p= is empty)", "v=DKIM1; p=BAUG | another key is published", "v=DKIM1; k=ed25519; p=AQID | k=ed25519 is published, the key is rsa",
        "v=DKIM1; h=sha1; p=AQID | h=sha1 does not allow sha256", "v=DKIM1; s=tlsrpt; p=AQID | s=tlsrpt does not allow all services",
        "v=DKIM1; t=y; p=AQID | t=y: receivers treat the mail as unsigned while the domain tests", "v=spf1 -all | no TXT record is a DKIM key record",
        "p=AQID; v=DKIM1 | no TXT record is a DKIM key record", "v=DKIM1; k=rsa | no TXT record is a DKIM key record", "v=DKIM1; p=A!ID | no TXT record is a DKIM key record",
        "v=DKIM1; p=AQID; p=AQID | no TXT record is a DKIM key record"})
    void tellsWhatIsWrong(String published, String fault) {
        assertThat(OURS.faults(List.of(published))).containsExactly(fault);
    }

    @ParameterizedTest
    @ValueSource(strings = {"p=AQID", "v=DKIM1;p=A Q I\tD;", "v=DKIM1; n=note; k=rsa; h=sha1:sha256; s=email : *; t=s; p=AQID", " v = DKIM1 ; p = AQID "})
    void lawfulWaysOfWritingItAreNoFaults(String published) {
        assertThat(OURS.faults(List.of(published))).isEmpty();
    }

    @Test
    void tellsWhereThereIsNoneOrMoreThanOne() {
        assertThat(OURS.faults(List.of())).containsExactly("there is no TXT record");
        assertThat(OURS.faults(List.of(OURS.text(), "v=spf1 -all"))).first().asString().startsWith("there are 2 TXT records");
    }
}
