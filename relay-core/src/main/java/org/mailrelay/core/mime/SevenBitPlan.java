package org.mailrelay.core.mime;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.mailrelay.core.header.HeaderField;
import org.mailrelay.core.smtp.Escape;

/// What becomes of each part of a message where less must do than it holds, or why nothing can be done with it.
///
/// @param ways      by [Part#index()]
/// @param charsets  by the same: what text of that part is in, where it does not say
/// @param stuffed   the content is in wire form; else it is binary (RFC 3030 §3)
/// @param hindrance why the message cannot be converted
public record SevenBitPlan(Target target, boolean stuffed, List<Way> ways, List<String> charsets, Optional<String> hindrance) {

    /// Octets of a line without its end (RFC 5322 §2.1.1).
    public static final int LONGEST_LINE = 998;

    /// What is to do. Either way no line is longer than [#LONGEST_LINE], CR and LF stand together only, and there is no NUL.
    public enum Target {
        /// RFC 2045 §2.7.
        SEVEN_BIT("7-bit"),
        /// RFC 2045 §2.8: octets above 127 stay.
        EIGHT_BIT("short lines");

        private final String words;

        Target(String words) {
            this.words = words;
        }

        public String words() {
            return words;
        }
    }

    public enum Way {
        /// There is nothing in it that needs more.
        KEEP,
        QUOTED_PRINTABLE,
        BASE64,
        /// It is base64 already; its lines are too long.
        BASE64_LINES
    }

    public SevenBitPlan {
        ways = List.copyOf(ways);
        charsets = List.copyOf(charsets);
    }

    /// Finds it while the content passes.
    public static final class Search {
        private final Target target;
        private final boolean stuffed;
        private final Seen seen;
        private final MimeReader reader;

        /// Of content in wire form, for 7 bits.
        public Search() {
            this(Target.SEVEN_BIT, true);
        }

        /// @param stuffed in wire form; else binary
        public Search(Target target, boolean stuffed) {
            this.target = target;
            this.stuffed = stuffed;
            this.seen = new Seen(target);
            this.reader = new MimeReader(seen, stuffed);
        }

        public void read(ByteBuffer octets) {
            reader.read(octets);
        }

        public SevenBitPlan end() {
            reader.end();
            seen.settle();
            return new SevenBitPlan(target, stuffed, seen.ways, seen.charsets, seen.hindrance);
        }
    }

    private static final class Seen implements MimeReader.Listener {
        private final Target target;
        private final List<Way> ways = new ArrayList<>();
        private final List<String> charsets = new ArrayList<>();
        private final Utf8Watch watch = new Utf8Watch();
        private Optional<String> hindrance = Optional.empty();
        private Optional<Part> leaf = Optional.empty();
        private long octets;
        private long high;
        private long spoiling;
        private long line;
        private boolean longLine;
        private boolean base64 = true;

        private Seen(Target target) {
            this.target = target;
        }

        @Override
        public void part(Part part, boolean blankLine) {
            settle();
            ways.add(Way.KEEP);
            charsets.add("");
            for (HeaderField field : part.header().fields()) {
                if (target == Target.SEVEN_BIT && field.text().chars().anyMatch(c -> c > 0x7f)) {
                    hinder("8-bit octets in a header");
                } else if (isSpoilt(field.text())) {
                    hinder("a bare line ending or NUL in a header");
                }
            }
            if (part.index() == 0 && (part.has("DKIM-SIGNATURE") || part.has("ARC-MESSAGE-SIGNATURE"))) {
                hinder("signed with DKIM");   // RFC 6376 §5.3: what converts it breaks the signature
            }
            leaf = part.kind() == Part.Kind.LEAF ? Optional.of(part) : Optional.empty();
        }

        private static boolean isSpoilt(String field) {
            for (int i = 0; i < field.length(); i++) {
                char c = field.charAt(i);
                if (c == 0 || c == '\n' && (i == 0 || field.charAt(i - 1) != '\r') || c == '\r' && (i + 1 == field.length() || field.charAt(i + 1) != '\n')) {
                    return true;
                }
            }
            return false;
        }

        @Override
        public void octets(Part part, byte[] stretch, int count, boolean lineEnd) {
            int above = 0;
            int bad = 0;
            for (int i = 0; i < count; i++) {
                byte octet = stretch[i];
                above += octet < 0 ? 1 : 0;
                bad += octet == '\r' || octet == '\n' || octet == 0 ? 1 : 0;
                base64 &= Base64Lines.has(octet);
            }
            octets += count;
            high += above;
            spoiling += bad;
            line += count;
            longLine |= line > LONGEST_LINE;
            boolean tooLong = line > LONGEST_LINE;
            line = lineEnd ? 0 : line;
            if (part.kind() == Part.Kind.LEAF) {
                watch.watch(stretch, count, lineEnd);
                return;
            }
            String what = target == Target.SEVEN_BIT && above > 0 ? "8-bit octets" : tooLong ? "a line that is too long" : bad > 0 ? "a bare line ending or NUL" : "";
            if (!what.isEmpty()) {
                hinder(what + switch (part.kind()) {
                    case LEAF, CONTAINER -> " between parts";
                    case SEALED -> " in a part that is signed or encrypted";
                    case CLOSED -> " in a part of type " + Escape.octets(part.type(), 60) + " that may not be encoded";
                });
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
            boolean eightBit = target == Target.SEVEN_BIT && high > 0;
            if (leaf.isPresent() && (eightBit || longLine || spoiling > 0)) {
                Part part = leaf.get();
                if (Part.isPlain(part.encoding())) {
                    ways.set(part.index(), part.isText() && high + spoiling <= octets / 2 ? Way.QUOTED_PRINTABLE : Way.BASE64);
                    charsets.set(part.index(), high == 0 ? "us-ascii" : watch.good() ? "utf-8" : "unknown-8bit");   // RFC 1428 §3
                } else if (part.encoding().equals("base64") && base64) {
                    ways.set(part.index(), Way.BASE64_LINES);
                } else {
                    hinder((eightBit ? "8-bit octets" : spoiling > 0 ? "a bare line ending or NUL" : "a line that is too long") + " in a part that says it is encoded");
                }
            }
            leaf = Optional.empty();
            octets = 0;
            high = 0;
            spoiling = 0;
            line = 0;
            longLine = false;
            base64 = true;
            watch.reset();
        }

        private void hinder(String why) {
            hindrance = hindrance.or(() -> Optional.of(why));
        }
    }
}
