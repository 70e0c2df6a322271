package org.mailrelay.app.demo;

import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.xbill.DNS.ARecord;
import org.xbill.DNS.DClass;
import org.xbill.DNS.Flags;
import org.xbill.DNS.MXRecord;
import org.xbill.DNS.Message;
import org.xbill.DNS.Name;
import org.xbill.DNS.Rcode;
import org.xbill.DNS.Record;
import org.xbill.DNS.Section;
import org.xbill.DNS.Type;

/// A DNS server of a few names over UDP: MX for the demo's domains, A for their hosts, NXDOMAIN for all else.
final class DemoDns implements AutoCloseable {

    private static final long TTL_SECONDS = 60;

    private final DatagramSocket socket;
    private final Map<Name, List<Record>> records;

    private DemoDns(DatagramSocket socket, Map<Name, List<Record>> records) {
        this.socket = socket;
        this.records = Map.copyOf(records);
    }

    static DemoDns start(InetAddress address, List<Record> records) throws IOException {
        Map<Name, List<Record>> byName = records.stream().collect(java.util.stream.Collectors.groupingBy(Record::getName));
        DemoDns dns = new DemoDns(new DatagramSocket(new InetSocketAddress(address, 0)), byName);
        Thread.ofVirtual().name("demo-dns").start(dns::serve);
        return dns;
    }

    static Record mx(String domain, String host) throws IOException {
        return new MXRecord(Name.fromString(domain + "."), DClass.IN, TTL_SECONDS, 10, Name.fromString(host + "."));
    }

    static Record address(String host, InetAddress address) throws IOException {
        return new ARecord(Name.fromString(host + "."), DClass.IN, TTL_SECONDS, address);
    }

    int port() {
        return socket.getLocalPort();
    }

    private void serve() {
        byte[] buffer = new byte[4_096];
        while (!socket.isClosed()) {
            DatagramPacket packet = new DatagramPacket(buffer, buffer.length);
            try {
                socket.receive(packet);
                byte[] answer = answer(new Message(Arrays.copyOf(buffer, packet.getLength()))).toWire();
                socket.send(new DatagramPacket(answer, answer.length, packet.getSocketAddress()));
            } catch (IOException _) {
                // Closed, or a query that is none: the next one decides.
            }
        }
    }

    private Message answer(Message query) {
        Message answer = new Message(query.getHeader().getID());
        answer.getHeader().setFlag(Flags.QR);
        answer.getHeader().setFlag(Flags.RA);
        Record question = query.getQuestion();
        answer.addRecord(question, Section.QUESTION);
        List<Record> known = records.get(question.getName());
        if (known == null) {
            answer.getHeader().setRcode(Rcode.NXDOMAIN);
        } else {
            known.stream().filter(r -> r.getType() == question.getType() || question.getType() == Type.ANY)
                    .forEach(r -> answer.addRecord(r, Section.ANSWER));
        }
        return answer;
    }

    @Override
    public void close() {
        socket.close();
    }
}
