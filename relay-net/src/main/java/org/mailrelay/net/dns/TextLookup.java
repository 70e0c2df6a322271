package org.mailrelay.net.dns;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.mailrelay.core.route.DnsFailure;
import org.xbill.DNS.Record;
import org.xbill.DNS.TXTRecord;

/// What DNS said about a name's TXT records.
public sealed interface TextLookup {

    /// May be empty: no record, or no such name.
    record Found(List<String> texts) implements TextLookup {
        public Found {
            texts = List.copyOf(texts);
        }
    }

    record Failed(DnsFailure why) implements TextLookup {}

    static TextLookup of(Answer answer) {
        return switch (answer) {
            case Answer.Records(var records, _) -> new Found(records.stream().map(TextLookup::joined).toList());
            case Answer.NoData _, Answer.NxDomain _ -> new Found(List.of());
            case Answer.Failed(var why, _) -> new Failed(why);
        };
    }

    private static String joined(Record record) {
        ByteArrayOutputStream octets = new ByteArrayOutputStream();
        ((TXTRecord) record).getStringsAsByteArrays().forEach(octets::writeBytes);
        return octets.toString(StandardCharsets.ISO_8859_1);
    }
}
