package org.mailrelay.testkit.dns;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;
import org.xbill.DNS.CNAMERecord;
import org.xbill.DNS.DClass;
import org.xbill.DNS.Flags;
import org.xbill.DNS.Message;
import org.xbill.DNS.Name;
import org.xbill.DNS.Rcode;
import org.xbill.DNS.Record;
import org.xbill.DNS.SOARecord;
import org.xbill.DNS.Section;
import org.xbill.DNS.Type;

/// A DNS server on loopback, over UDP and TCP at one port, with scripted answers. A name it does not know is NXDOMAIN, a type that
/// a known name lacks is NODATA; both with an SOA that lets them be kept a minute.
public final class FakeDns implements AutoCloseable {

    public enum Fault {
        SERVFAIL, REFUSED, SILENCE, SHORT_RDATA,
        /// TC over UDP, the whole answer over TCP.
        TRUNCATED,
        /// TC over UDP, and TCP connections end without a word.
        TRUNCATED_FOR_EVER,
        /// Under an id that nobody asked with.
        FOREIGN_ID,
        /// With the question, and records, of [#FOREIGN].
        FOREIGN_QUESTION,
        /// NOERROR, and no record in any section.
        EMPTY,
        /// No DNS message at all.
        GARBAGE
    }

    /// The name that foreign answers are about.
    public static final String FOREIGN = "foreign.example";

    private record Question(Name name, int type) {}

    private final DatagramSocket udp;
    private final ServerSocket tcp;
    private final Optional<SignedZones> zones;
    private final Map<Name, List<Record>> records = new ConcurrentHashMap<>();
    private final Map<Question, Fault> faults = new ConcurrentHashMap<>();
    private final List<String> asked = new CopyOnWriteArrayList<>();

    private FakeDns(DatagramSocket udp, ServerSocket tcp, Optional<SignedZones> zones) {
        this.zones = zones;
        this.udp = udp;
        this.tcp = tcp;
    }

    public static FakeDns start() {
        return start(Optional.empty());
    }

    /// One whose answers are signed.
    public static FakeDns start(SignedZones zones) {
        return start(Optional.of(zones));
    }

    private static FakeDns start(Optional<SignedZones> zones) {
        try {
            InetAddress loopback = InetAddress.getByAddress(new byte[] {127, 0, 0, 1});
            ServerSocket tcp = new ServerSocket(0, 50, loopback);
            FakeDns dns = new FakeDns(new DatagramSocket(new InetSocketAddress(loopback, tcp.getLocalPort())), tcp, zones);
            Thread.ofVirtual().name("fake-dns-udp").start(dns::serveUdp);
            Thread.ofVirtual().name("fake-dns-tcp").start(dns::serveTcp);
            return dns;
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    public InetSocketAddress address() {
        return new InetSocketAddress(tcp.getInetAddress(), tcp.getLocalPort());
    }

    /// Adds a record as a zone file writes it: `record("example.com", "MX", "10 mx.example.com.")`.
    public FakeDns record(String name, String type, String data) {
        try {
            Name owner = nameOf(name);
            return add(Record.fromString(owner, Type.value(type), DClass.IN, 300, data, Name.root));
        } catch (IOException failure) {
            throw new IllegalArgumentException(name + " " + type + " " + data, failure);
        }
    }

    public FakeDns add(Record record) {
        records.computeIfAbsent(record.getName(), _ -> new CopyOnWriteArrayList<>()).add(record);
        return this;
    }

    /// A record with data of any length, however wrong for its type.
    public FakeDns raw(String name, int type, byte[] data) {
        return add(new RawRecord(nameOf(name), type, data));
    }

    public FakeDns fault(String name, String type, Fault fault) {
        faults.put(new Question(nameOf(name), Type.value(type)), fault);
        return this;
    }

    /// From now on the name does not exist.
    public FakeDns forget(String name) {
        records.remove(nameOf(name));
        return this;
    }

    public FakeDns heal(String name, String type) {
        faults.remove(new Question(nameOf(name), Type.value(type)));
        return this;
    }

    /// `example.com MX udp`, in the order of arrival.
    public List<String> asked() {
        return List.copyOf(asked);
    }

    private static Name nameOf(String text) {
        try {
            return Name.fromString(text, Name.root);
        } catch (IOException failure) {
            throw new IllegalArgumentException(text, failure);
        }
    }

    private void serveUdp() {
        byte[] buffer = new byte[4_096];
        while (!udp.isClosed()) {
            DatagramPacket packet = new DatagramPacket(buffer, buffer.length);
            try {
                udp.receive(packet);
                byte[] answer = answer(Arrays.copyOf(buffer, packet.getLength()), "udp");
                if (answer.length > 0) {
                    udp.send(new DatagramPacket(answer, answer.length, packet.getSocketAddress()));
                }
            } catch (IOException _) {
                // Closed, or a query that is none: the next one decides.
            }
        }
    }

    private void serveTcp() {
        while (!tcp.isClosed()) {
            try (Socket client = tcp.accept()) {
                DataInputStream in = new DataInputStream(client.getInputStream());
                byte[] answer = answer(in.readNBytes(in.readUnsignedShort()), "tcp");
                if (answer.length == 0) {
                    continue;
                }
                DataOutputStream out = new DataOutputStream(client.getOutputStream());
                out.writeShort(answer.length);
                out.write(answer);
                out.flush();
            } catch (IOException _) {
                // Closed, or a client that went away.
            }
        }
    }

    /// Empty: no answer at all.
    private byte[] answer(byte[] octets, String transport) throws IOException {
        Message query = new Message(octets);
        Record question = query.getQuestion();
        asked.add(question.getName().toString(true) + " " + Type.string(question.getType()) + " " + transport);
        Message answer = new Message(query.getHeader().getID());
        answer.getHeader().setFlag(Flags.QR);
        answer.getHeader().setFlag(Flags.RA);
        answer.getHeader().setFlag(Flags.AD);   // a lie, which nobody may believe
        answer.addRecord(question, Section.QUESTION);
        Fault fault = faults.get(new Question(question.getName(), question.getType()));
        if (fault == null || fault == Fault.TRUNCATED && transport.equals("tcp")) {
            fill(answer, question);
            zones.ifPresent(by -> by.sign(answer, question, typesAt(question.getName())));
            byte[] whole = answer.toWire(65_535);
            int room = query.getOPT() == null ? 512 : query.getOPT().getPayloadSize();
            return transport.equals("tcp") || whole.length <= room ? whole : truncated(query.getHeader().getID(), question);
        }
        return switch (fault) {
            case TRUNCATED_FOR_EVER -> {
                answer.getHeader().setFlag(Flags.TC);
                yield transport.equals("tcp") ? new byte[0] : answer.toWire();
            }
            case FOREIGN_ID -> {
                fill(answer, question);
                answer.getHeader().setID(query.getHeader().getID() ^ 0x5555);
                yield answer.toWire(65_535);
            }
            case FOREIGN_QUESTION -> {
                Record other = Record.newRecord(nameOf(FOREIGN), question.getType(), DClass.IN);
                answer.removeAllRecords(Section.QUESTION);
                answer.addRecord(other, Section.QUESTION);
                fill(answer, other);
                yield answer.toWire(65_535);
            }
            case GARBAGE -> new byte[] {octets[0], octets[1], (byte) 0x81, (byte) 0x80, 0, 1, 0, 9, 0, 0, 0, 0, (byte) 0xc0, 12, 63};
            case SILENCE -> new byte[0];
            case EMPTY -> withCode(answer, Rcode.NOERROR);
            case SERVFAIL -> withCode(answer, Rcode.SERVFAIL);
            case REFUSED -> withCode(answer, Rcode.REFUSED);
            case TRUNCATED -> {
                answer.getHeader().setFlag(Flags.TC);
                yield answer.toWire();
            }
            case SHORT_RDATA -> withShortRdata(answer, question);
        };
    }

    /// What does not fit a datagram is asked for again over TCP (RFC 7766 §5).
    private static byte[] truncated(int id, Record question) {
        Message answer = new Message(id);
        answer.getHeader().setFlag(Flags.QR);
        answer.getHeader().setFlag(Flags.RA);
        answer.getHeader().setFlag(Flags.TC);
        answer.addRecord(question, Section.QUESTION);
        return answer.toWire();
    }

    private static byte[] withCode(Message answer, int code) {
        answer.getHeader().setRcode(code);
        return answer.toWire();
    }

    /// One answer record whose data is a single octet.
    private static byte[] withShortRdata(Message answer, Record question) {
        byte[] head = answer.toWire();
        head[7] = 1;
        byte[] record = {(byte) 0xc0, 12, 0, (byte) question.getType(), 0, 1, 0, 0, 0, 60, 0, 1, 0};
        byte[] whole = Arrays.copyOf(head, head.length + record.length);
        System.arraycopy(record, 0, whole, head.length, record.length);
        return whole;
    }

    private @Nullable List<Record> known(Name name, int type) {
        List<Record> written = records.get(name);
        List<Record> own = zones.map(by -> by.own(name, type)).orElse(List.of());
        if (own.isEmpty()) {
            return written;
        }
        List<Record> both = new ArrayList<>(own);
        both.addAll(written == null ? List.of() : written);
        return both;
    }

    private List<Integer> typesAt(Name name) {
        return records.getOrDefault(name, List.of()).stream().map(Record::getType).distinct().toList();
    }

    private void fill(Message answer, Record question) {
        Name name = question.getName();
        for (int i = 0; i < 30; i++) {
            List<Record> known = known(name, question.getType());
            if (known == null) {
                answer.getHeader().setRcode(Rcode.NXDOMAIN);
                break;
            }
            List<Record> fitting = known.stream().filter(r -> r.getType() == question.getType()).toList();
            fitting.forEach(record -> answer.addRecord(record, Section.ANSWER));
            Record alias = known.stream().filter(CNAMERecord.class::isInstance).findFirst().orElse(null);
            if (!fitting.isEmpty() || alias == null) {
                break;
            }
            answer.addRecord(alias, Section.ANSWER);
            name = ((CNAMERecord) alias).getTarget();
        }
        if (answer.getSection(Section.ANSWER).isEmpty()) {
            answer.addRecord(new SOARecord(Name.root, DClass.IN, 60, Name.root, Name.root, 1, 60, 60, 60, 60), Section.AUTHORITY);
        }
    }

    @Override
    public void close() throws IOException {
        udp.close();
        tcp.close();
    }
}
