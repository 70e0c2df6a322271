package org.mailrelay.queue;

import static org.mailrelay.queue.Fields.date;
import static org.mailrelay.queue.Fields.optional;
import static org.mailrelay.queue.Fields.text;

import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.mailrelay.core.mail.BodyType;
import org.mailrelay.core.mail.Content;
import org.mailrelay.core.mail.Domain;
import org.mailrelay.core.mail.Envelope;
import org.mailrelay.core.mail.Icid;
import org.mailrelay.core.mail.Mailbox;
import org.mailrelay.core.mail.Mid;
import org.mailrelay.core.mail.ReversePath;
import org.mailrelay.core.tls.TlsLevel;

/// Reads messages of spool format 1, which knew addresses and the body type alone. They are written again in the present form only
/// when their segment is compacted: what an older relay left is delivered, nothing is converted at start.
final class FirstFormat {

    /// Format 1 wrote the place of the value in these lists.
    private static final List<BodyType> BODY_TYPES = List.of(BodyType.SEVEN_BIT, BodyType.EIGHT_BIT_MIME);
    private static final List<TlsLevel> LEVELS = List.of(TlsLevel.NONE, TlsLevel.PREFERRED, TlsLevel.PREFERRED_VERIFY, TlsLevel.REQUIRED,
            TlsLevel.REQUIRED_VERIFY, TlsLevel.REQUIRED_VERIFY_HOSTED);

    private FirstFormat() {
    }

    static Envelope envelope(ByteBuffer in) {
        ReversePath sender = ReversePath.of(text(in));
        BodyType type = BODY_TYPES.get(in.get());
        int count = Fields.count(in);
        List<Mailbox> recipients = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            recipients.add(new Mailbox(text(in), new Domain(text(in))));
        }
        return Envelope.of(sender, recipients, type);
    }

    static Origin origin(ByteBuffer in) {
        Instant received = date(in);
        Injection injection = Injection.of(new Icid(in.getLong()), text(in));
        long bounceOf = in.getLong();
        int floor = in.get();
        return new Origin(received, injection, bounceOf < 0 ? Optional.empty() : Optional.of(new Mid(bounceOf)),
                floor < 0 ? Optional.empty() : Optional.of(LEVELS.get(floor)), optional(in));
    }

    static Content content(ByteBuffer in) {
        return new Content(in.getLong(), in.getLong(), in.get() == 1, optional(in), optional(in));
    }
}
