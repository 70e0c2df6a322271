package org.mailrelay.core.dkim;

import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// Watches a message pass in wire form: keeps its header, bounded, and hashes its body as the header's reader asks for it.
///
/// What nobody wants hashed is not looked at any further. One object a message, on its connection's event loop.
public final class MessageWatch {

    /// Octets of a header that is kept; a message with a longer one is not signed.
    public static final int MOST_HEADER = 256 * 1024;

    /// A hash of the body.
    ///
    /// @param limit octets of the canonical form; [Long#MAX_VALUE]: all
    public record Wanted(Form form, long limit) {

        public static Wanted all(Form form) {
            return new Wanted(form, Long.MAX_VALUE);
        }
    }

    private final boolean stuffed;
    private final Function<HeaderBlock, List<Wanted>> reader;
    private final Supplier<Hash> hashes;
    private final HeaderCollector header;
    private final List<BodyCanonicalizer> bodies = new ArrayList<>(1);
    private boolean headerRead;
    private byte @Nullable [] headerOctets;

    /// @param stuffed false for binary content, which is kept as it comes
    /// @param reader  told the header once it has ended; not where it is too long
    public MessageWatch(boolean stuffed, Function<HeaderBlock, List<Wanted>> reader, Supplier<Hash> hashes) {
        this.stuffed = stuffed;
        this.reader = reader;
        this.hashes = hashes;
        this.header = new HeaderCollector(stuffed, MOST_HEADER);
    }

    /// The next octets of the content, in wire form.
    public void octets(byte[] octets, int from, int to) {
        int body = from;
        if (!headerRead) {
            body = header.collect(octets, from, to);
            if (header.ended()) {
                read();
            }
        }
        if (headerRead && body < to) {
            for (BodyCanonicalizer each : bodies) {
                each.update(octets, body, to);
            }
        }
    }

    private void read() {
        headerRead = true;
        byte[] kept = header.octets();
        headerOctets = kept;
        for (Wanted wanted : reader.apply(HeaderBlock.parse(kept))) {
            bodies.add(new BodyCanonicalizer(wanted.form(), stuffed, hashes.get(), wanted.limit()));
        }
    }

    /// The message is over. Empty where the header was too long.
    ///
    /// @return the hashes, in the order they were asked for
    public Optional<List<byte[]>> end() {
        if (header.overflowed()) {
            return Optional.empty();
        }
        if (!headerRead) {
            read();
        }
        return Optional.of(bodies.stream().map(BodyCanonicalizer::digest).toList());
    }

    /// The header with what comes on top of it. Not before [#end].
    public HeaderBlock under(byte[] prologue) {
        byte[] kept = Objects.requireNonNull(headerOctets);
        ByteArrayOutputStream all = new ByteArrayOutputStream(prologue.length + kept.length);
        all.writeBytes(prologue);
        all.writeBytes(kept);
        return HeaderBlock.parse(all.toByteArray());
    }
}
