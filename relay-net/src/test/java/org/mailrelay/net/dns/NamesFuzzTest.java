package org.mailrelay.net.dns;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.nio.charset.StandardCharsets;
import java.util.stream.IntStream;
import org.mailrelay.core.mail.Domain;
import org.mailrelay.core.route.Mx;
import org.xbill.DNS.DClass;
import org.xbill.DNS.DNSInput;
import org.xbill.DNS.MXRecord;
import org.xbill.DNS.Name;
import org.xbill.DNS.Record;
import org.xbill.DNS.Type;
import org.xbill.DNS.WireParseException;

/// Names as DNS servers send them: labels of any octets (a target for a fuzzer).
class NamesFuzzTest {

    private static final Name OWNER = Name.fromConstantString("example.net.");

    /// The target of an MX is a host by the octets that stand in its labels, or none; whatever is shown of it is the resolver's escaped form.
    @FuzzTest(maxDuration = "1m")
    void mx(byte[] octets) {
        Record record;
        try {
            record = Record.newRecord(OWNER, Type.MX, DClass.IN, 300, octets);
        } catch (IllegalArgumentException malformed) {
            return;
        }
        if (!(record instanceof MXRecord mx)) {
            return;
        }
        Mx read = Mx.of(mx.getPriority(), mx.getTarget().equals(Name.root) ? "." : mx.getTarget().toString(true));
        assertThat(read.preference()).isBetween(0, 65_535);
        read.host().ifPresent(host -> {
            StringBuilder labels = new StringBuilder();
            IntStream.range(0, mx.getTarget().labels() - 1).forEach(i -> {
                byte[] label = mx.getTarget().getLabel(i);
                labels.append(i == 0 ? "" : ".").append(new String(label, 1, label.length - 1, StandardCharsets.ISO_8859_1));
            });
            assertThat(host.name()).matches("[a-z0-9_.-]+").isEqualToIgnoringCase(labels.toString());
        });
        assertThat(read.isNull()).isEqualTo(mx.getTarget().equals(Name.root));
    }

    /// The same of a name alone, as in CNAME and PTR.
    @FuzzTest(maxDuration = "1m")
    void name(byte[] octets) {
        Name name;
        try {
            name = new Name(new DNSInput(octets));
        } catch (WireParseException malformed) {
            return;
        }
        assertThat(name.toString().chars()).allMatch(c -> c > 0x20 && c < 0x7f);
        Domain.parse(name.toString(true)).ifPresent(domain -> assertThat(domain.name()).matches("[a-z0-9_.-]+"));
    }
}
