package org.mailrelay.app.serve;

import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.mailrelay.core.mail.Domain;
import org.mailrelay.delivery.connection.ConnectionLog;
import org.mailrelay.delivery.connection.ConversationSink;
import org.mailrelay.delivery.conversation.HostFailure;
import org.mailrelay.delivery.conversation.Transcript;

/// The last conversation that failed, for each destination; those of destinations that failed longest ago are forgotten first. Any thread.
final class FailedConversations implements ConversationSink {

    private static final int DESTINATIONS = 1_000;
    /// Of one conversation; hosts are wordy where they mean harm.
    private static final int CHARACTERS = 16 << 10;

    /// @param lines escaped
    record Kept(Instant at, long dcid, String host, String failure, List<String> lines) {}

    private final Map<Domain, Kept> kept = new LinkedHashMap<>(64, 0.75f, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<Domain, Kept> eldest) {
            return size() > DESTINATIONS;
        }
    };

    @Override
    public void failed(ConnectionLog.About about, HostFailure why, Transcript transcript) {
        Kept last = new Kept(about.at(), about.dcid().value(), about.hostName(), why.words(), shortened(transcript.lines()));
        synchronized (kept) {
            kept.put(about.destination(), last);
        }
    }

    static List<String> shortened(List<String> lines) {
        int room = CHARACTERS;
        for (int i = 0; i < lines.size(); i++) {
            room -= lines.get(i).length();
            if (room < 0) {
                List<String> begin = new ArrayList<>(lines.subList(0, i));
                begin.add("(%d more lines)".formatted(lines.size() - i));
                return begin;
            }
        }
        return lines;
    }

    Optional<Kept> of(Domain domain) {
        synchronized (kept) {
            return Optional.ofNullable(kept.get(domain));
        }
    }
}
