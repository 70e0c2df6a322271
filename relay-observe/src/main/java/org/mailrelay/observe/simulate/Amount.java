package org.mailrelay.observe.simulate;

/// How much mail.
///
/// @param attempts   connections
/// @param messages   that they carried, or that began to wait because of them
/// @param recipients of these
public record Amount(long attempts, long messages, long recipients) {

    public static final Amount NONE = new Amount(0, 0, 0);

    public Amount plus(Amount more) {
        return new Amount(attempts + more.attempts, messages + more.messages, recipients + more.recipients);
    }
}
