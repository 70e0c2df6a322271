package org.mailrelay.delivery.connection;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.mailrelay.core.event.StageTimes;
import org.mailrelay.core.mail.Mid;
import org.mailrelay.core.replay.Circumstances;
import org.mailrelay.core.replay.SeenPeer;
import org.mailrelay.core.tls.TlsRule;
import org.mailrelay.delivery.conversation.HostFailure;
import org.mailrelay.delivery.conversation.Note;
import org.mailrelay.delivery.conversation.Transaction;

/// Keeps the facts of connections in their order: notes and failures as they are, the others as words.
final class RecordingLog implements ConnectionLog {

    final List<Object> facts = new CopyOnWriteArrayList<>();

    final List<SeenPeer> seen = new CopyOnWriteArrayList<>();
    final List<StageTimes> opened = new CopyOnWriteArrayList<>();
    final List<StageTimes> carried = new CopyOnWriteArrayList<>();

    /// What [Note.TlsSucceeded] came with.
    record Agreed(String protocol, String cipher) {}

    @Override
    public void opened(About about) {
        facts.add("opened");
    }

    @Override
    public void noted(About about, Note note, String protocol, String cipher) {
        facts.add(note);
        if (note instanceof Note.TlsSucceeded) {
            facts.add(new Agreed(protocol, cipher));
        }
    }

    @Override
    public void failed(About about, HostFailure why) {
        facts.add(why);
    }

    /// Times are of no interest where facts are compared.
    @Override
    public void openingTook(About about, StageTimes times) {
        opened.add(times);
    }

    /// Sightings are compared where they are asked for.
    @Override
    public void seen(About about, TlsRule rule, Circumstances circumstances, SeenPeer peer) {
        seen.add(peer);
    }

    @Override
    public void transactionTook(About about, Mid mid, StageTimes times) {
        carried.add(times);
    }

    @Override
    public void deliveryStarted(About about, Mid mid, Transaction transaction) {
        facts.add("started MID " + mid);
    }

    @Override
    public void closed(About about) {
        facts.add("closed");
    }
}
