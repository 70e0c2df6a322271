package org.mailrelay.observe.store;

/// The times and numbers that lines speak of, from the least to the greatest. A number of 0 is none.
public record Reach(Span millis, Span mid, Span icid, Span dcid) {

    /// @param from greater than `to` for nothing
    public record Span(long from, long to) {
        public static final Span NOTHING = new Span(Long.MAX_VALUE, Long.MIN_VALUE);
        public static final Span ALL = new Span(Long.MIN_VALUE, Long.MAX_VALUE);

        public static Span of(long one) {
            return new Span(one, one);
        }

        public Span with(long one) {
            return one >= from && one <= to ? this : new Span(Math.min(from, one), Math.max(to, one));
        }

        boolean meets(Span other) {
            return from <= other.to && other.from <= to;
        }
    }

    public static final Reach NOTHING = new Reach(Span.NOTHING, Span.NOTHING, Span.NOTHING, Span.NOTHING);
    public static final Reach ALL = new Reach(Span.ALL, Span.ALL, Span.ALL, Span.ALL);

    public Reach with(long at, long aMid, long anIcid, long aDcid) {
        return new Reach(millis.with(at), aMid == 0 ? mid : mid.with(aMid), anIcid == 0 ? icid : icid.with(anIcid), aDcid == 0 ? dcid : dcid.with(aDcid));
    }

    /// True when a block of this reach may hold a line at these times that speaks of one of these numbers.
    boolean mayAnswer(Reach question) {
        return millis.meets(question.millis) && (mid.meets(question.mid) || icid.meets(question.icid) || dcid.meets(question.dcid) || question.anyNumber());
    }

    private boolean anyNumber() {
        return mid.equals(Span.ALL);
    }
}
