package org.mailrelay.core.mime;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// What becomes of each part of an 8-bit message where 7 bits are to do, or why nothing can be done with it.
///
/// @param ways       by [Part#index()]
/// @param utf8       by the same: all of the part is UTF-8
/// @param hindrance  why the message cannot be converted
public record SevenBitPlan(List<Way> ways, List<Boolean> utf8, Optional<String> hindrance) {

    public enum Way {
        /// There is nothing in it that needs more than 7 bits.
        KEEP,
        QUOTED_PRINTABLE,
        BASE64
    }

    public SevenBitPlan {
        ways = List.copyOf(ways);
        utf8 = List.copyOf(utf8);
    }

    /// Finds it while the content passes, in wire form, our own fields included.
    public static final class Search {
        private final Seen seen = new Seen();
        private final MimeReader reader = new MimeReader(seen);

        public void read(ByteBuffer octets) {
            reader.read(octets);
        }

        public SevenBitPlan end() {
            reader.end();
            seen.settle();
            return new SevenBitPlan(seen.ways, seen.utf8, seen.hindrance);
        }
    }

    private static final class Seen implements MimeReader.Listener {
        private final List<Way> ways = new ArrayList<>();
        private final List<Boolean> utf8 = new ArrayList<>();
        private final Utf8Watch watch = new Utf8Watch();
        private Optional<String> hindrance = Optional.empty();
        private Optional<Part> leaf = Optional.empty();
        private long octets;
        private long high;

        @Override
        public void part(Part part, boolean blankLine) {
            settle();
            ways.add(Way.KEEP);
            utf8.add(false);
            if (part.header().fields().stream().anyMatch(field -> field.text().chars().anyMatch(c -> c > 0x7f))) {
                hinder("8-bit octets in a header");
            }
            if (part.index() == 0 && (part.has("DKIM-SIGNATURE") || part.has("ARC-MESSAGE-SIGNATURE"))) {
                hinder("signed with DKIM");   // RFC 6376 §5.3: what converts it breaks the signature
            }
            leaf = part.kind() == Part.Kind.LEAF ? Optional.of(part) : Optional.empty();
        }

        @Override
        public void octets(Part part, byte[] stretch, int count, boolean lineEnd) {
            int above = 0;
            for (int i = 0; i < count; i++) {
                above += stretch[i] < 0 ? 1 : 0;
            }
            octets += count;
            high += above;
            if (part.kind() == Part.Kind.LEAF) {
                watch.watch(stretch, count, lineEnd);
            }
            if (above > 0) {
                switch (part.kind()) {
                    case LEAF -> { }
                    case CONTAINER -> hinder("8-bit octets between parts");
                    case SEALED -> hinder("8-bit octets in a part that is signed or encrypted");
                    case CLOSED -> hinder("8-bit octets in a part of type " + part.type().substring(0, Math.min(60, part.type().length())) + " that may not be encoded");
                }
            }
        }

        @Override
        public void boundary(byte[] line, int count) {
            settle();
        }

        @Override
        public void tooMuch(String of) {
            hinder(of);
        }

        /// The part that was under way has ended.
        private void settle() {
            if (leaf.isPresent() && high > 0) {
                Part part = leaf.get();
                if (Part.isPlain(part.encoding())) {
                    ways.set(part.index(), part.isText() && high <= octets / 2 ? Way.QUOTED_PRINTABLE : Way.BASE64);
                    utf8.set(part.index(), watch.good());
                } else {
                    hinder("8-bit octets in a part that says it is encoded");
                }
            }
            leaf = Optional.empty();
            octets = 0;
            high = 0;
            watch.reset();
        }

        private void hinder(String why) {
            hindrance = hindrance.or(() -> Optional.of(why));
        }
    }
}
