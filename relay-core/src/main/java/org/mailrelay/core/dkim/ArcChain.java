package org.mailrelay.core.dkim;

import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// What a message brings of ARC, as far as it can be judged without keys (RFC 8617 §5.2, steps 1 to 3).
public sealed interface ArcChain {

    /// RFC 8617 §4.2.1: more instances than that are an error.
    int MOST_SETS = 50;

    /// `cv=` of a seal (RFC 8617 §4.4).
    enum Validity {
        NONE("none"), PASS("pass"), FAIL("fail");

        private final String word;

        Validity(String word) {
            this.word = word;
        }

        public String word() {
            return word;
        }
    }

    /// No field of ARC.
    record None() implements ArcChain {}

    /// Whole sets from 1 on, each seal saying what its place asks: its signatures decide.
    record Found(List<ArcSet> sets) implements ArcChain {
        public Found {
            sets = List.copyOf(sets);
        }

        public ArcSet newest() {
            return sets.getLast();
        }

        /// What the seal of set `index` (from 0) is over: all sets up to it, its own seal without its signature (RFC 8617 §5.1.1).
        public byte[] sealed(int index, byte[] unsigned) {
            return ArcChain.sealed(sets.subList(0, index), sets.get(index).results().octets(), sets.get(index).message().octets(), unsigned);
        }
    }

    /// It does not hold, whatever its signatures say.
    ///
    /// @param highest the highest instance; 0 where none can be read
    record Broken(int highest) implements ArcChain {}

    /// A hop before us has found it broken and said so: nothing is added any more (RFC 8617 §5.1.2).
    record Ended() implements ArcChain {}

    static byte[] sealed(List<ArcSet> before, byte[] results, byte[] message, byte[] unsignedSeal) {
        ByteArrayOutputStream out = new ByteArrayOutputStream(2_048);
        for (ArcSet set : before) {
            for (HeaderField field : List.of(set.results(), set.message(), set.seal())) {
                out.writeBytes(Form.RELAXED.field(field.octets()));
                out.writeBytes(new byte[] {'\r', '\n'});
            }
        }
        for (byte[] field : List.of(results, message)) {
            out.writeBytes(Form.RELAXED.field(field));
            out.writeBytes(new byte[] {'\r', '\n'});
        }
        out.writeBytes(Form.RELAXED.field(unsignedSeal));
        return out.toByteArray();
    }

    static ArcChain of(HeaderBlock header) {
        List<HeaderField> results = header.named("ARC-Authentication-Results");
        List<HeaderField> messages = header.named("ARC-Message-Signature");
        List<HeaderField> seals = header.named("ARC-Seal");
        if (results.isEmpty() && messages.isEmpty() && seals.isEmpty()) {
            return new None();
        }
        int highest = 0;
        for (List<HeaderField> fields : List.of(results, messages, seals)) {
            for (HeaderField field : fields) {
                highest = Math.max(highest, instance(field));
            }
        }
        int last = highest;
        if (seals.stream().anyMatch(seal -> instance(seal) == last && validity(seal).equals(Optional.of(Validity.FAIL.word())))) {
            return new Ended();
        }
        int count = seals.size();
        if (count > MOST_SETS || highest != count || results.size() != count || messages.size() != count) {
            return new Broken(highest);
        }
        List<ArcSet> sets = new ArrayList<>(count);
        for (int i = 1; i <= count; i++) {
            Optional<HeaderField> result = only(results, i);
            Optional<HeaderField> message = only(messages, i);
            Optional<HeaderField> seal = only(seals, i);
            if (result.isEmpty() || message.isEmpty() || seal.isEmpty()) {
                return new Broken(highest);
            }
            if (!validity(seal.get()).equals(Optional.of((i == 1 ? Validity.NONE : Validity.PASS).word()))) {
                return new Broken(highest);
            }
            sets.add(new ArcSet(i, result.get(), message.get(), seal.get()));
        }
        return new Found(sets);
    }

    private static Optional<String> validity(HeaderField seal) {
        return PriorSignature.parse(seal).flatMap(parsed -> parsed.tags().get("cv"));
    }

    private static Optional<HeaderField> only(List<HeaderField> fields, int instance) {
        List<HeaderField> found = fields.stream().filter(field -> instance(field) == instance).toList();
        return found.size() == 1 ? Optional.of(found.getFirst()) : Optional.empty();
    }

    /// 0 where there is none from 1 to 50. It stands first in the results, which are no list of tags (RFC 8617 §4.1.1).
    private static int instance(HeaderField field) {
        String value = field.value();
        int end = value.indexOf(';');
        String first = (end < 0 ? value : value.substring(0, end));
        Optional<String> written = TagList.parse(first).flatMap(tags -> tags.get("i"))
                .or(() -> TagList.parse(value).flatMap(tags -> tags.get("i")));
        return written.filter(text -> text.matches("[1-9][0-9]?")).map(Integer::parseInt).filter(number -> number <= MOST_SETS).orElse(0);
    }
}
