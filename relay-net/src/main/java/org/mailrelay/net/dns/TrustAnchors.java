package org.mailrelay.net.dns;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.xbill.DNS.DNSKEYRecord;
import org.xbill.DNS.DSRecord;
import org.xbill.DNS.Master;
import org.xbill.DNS.Name;
import org.xbill.DNS.Record;
import org.xbill.DNS.TextParseException;
import org.xbill.DNS.Type;

/// Where trust in DNS begins: DS or DNSKEY records, as a zone file writes them (RFC 4035 §4.4).
///
/// Those that are built in are the root's, as IANA publishes them (<https://data.iana.org/root-anchors/root-anchors.xml>). A
/// file takes their whole place; it may hold the anchors of a private root, or of single zones.
record TrustAnchors(List<Record> records) {

    private static final String BUILT_IN = "root-anchors.ds";
    private static final int MOST_OCTETS = 1 << 20;

    TrustAnchors {
        records = List.copyOf(records);
    }

    static TrustAnchors builtIn() {
        try (InputStream in = TrustAnchors.class.getResourceAsStream(BUILT_IN)) {
            if (in == null) {
                throw new IllegalStateException("the anchors are not in the program");
            }
            return parse(in.readAllBytes(), BUILT_IN);
        } catch (IOException impossible) {
            throw new IllegalStateException("the anchors of the program cannot be read", impossible);
        }
    }

    /// @throws IOException when the file cannot be read, or is no list of anchors; the text names file and line
    static TrustAnchors read(Optional<Path> file) throws IOException {
        if (file.isEmpty()) {
            return builtIn();
        }
        try (InputStream in = Files.newInputStream(file.get())) {
            return parse(in.readNBytes(MOST_OCTETS), file.get().toString());
        } catch (IOException unreadable) {
            throw new IOException("dns.trust_anchors " + file.get() + ": " + unreadable.getMessage(), unreadable);
        }
    }

    private static TrustAnchors parse(byte[] octets, String file) throws IOException {
        List<Record> found = new ArrayList<>();
        try (Master master = new Master(new ByteArrayInputStream(octets), Name.root, 0)) {
            master.disableIncludes(true);
            for (Record record = master.nextRecord(); record != null; record = master.nextRecord()) {
                switch (record) {
                    case DSRecord anchor -> found.add(anchor);
                    case DNSKEYRecord anchor -> found.add(anchor);
                    default -> throw new TextParseException("a " + Type.string(record.getType()) + " record, expected DS or DNSKEY");
                }
            }
        }
        if (found.isEmpty()) {
            throw new TextParseException(file + " holds no DS and no DNSKEY record");
        }
        return new TrustAnchors(found);
    }

    /// As the validator reads them.
    InputStream text() {
        StringBuilder text = new StringBuilder();
        records.forEach(record -> text.append(record.toString()).append('\n'));
        return new ByteArrayInputStream(text.toString().getBytes(StandardCharsets.US_ASCII));
    }
}
