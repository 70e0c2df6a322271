package org.mailrelay.listener;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.mailrelay.core.access.MailFlowPolicy;
import org.mailrelay.core.dkim.DkimSettings;
import org.mailrelay.core.dkim.MailSigning;
import org.mailrelay.core.dkim.SigningRules;
import org.mailrelay.core.event.InjectionEvent.ReceivingFailure;
import org.mailrelay.core.header.HeaderBlock;
import org.mailrelay.core.header.HeaderGate;
import org.mailrelay.core.header.HeaderRules;
import org.mailrelay.core.header.Hygiene;
import org.mailrelay.core.mail.BodyType;
import org.mailrelay.core.mail.Content;
import org.mailrelay.core.mail.MailParameters;
import org.mailrelay.core.mail.Mailbox;
import org.mailrelay.core.mail.Mid;
import org.mailrelay.core.mail.Recipient;
import org.mailrelay.core.mail.ReversePath;
import org.mailrelay.core.mime.SevenBitPlan;
import org.mailrelay.core.smtp.DataScanner;
import org.mailrelay.core.smtp.DotStuffer;
import org.mailrelay.core.smtp.LineEndNormaliser;
import org.mailrelay.core.smtp.OurReplies;
import org.mailrelay.core.smtp.OurReply;
import org.mailrelay.queue.BodyWriter;

/// One message from MAIL to its end: envelope, then the content as it passes into the spool's [BodyWriter].
final class InboundMessage {

    final Mid mid;
    final ReversePath sender;
    final MailParameters parameters;
    final List<Recipient> recipients = new ArrayList<>();
    private final MailFlowPolicy policy;
    private @Nullable BodyWriter writer;
    private @Nullable LineEndNormaliser normaliser;
    private @Nullable DotStuffer stuffer;
    private @Nullable HeaderGate header;
    private MailSigning.@Nullable Pass signing;
    private Supplier<Optional<MailSigning.Pass>> signingAgain = Optional::empty;
    private boolean chunked;
    private DataScanner scanner = new DataScanner();
    private long octets;
    private boolean unwritable;

    InboundMessage(Mid mid, ReversePath sender, MailParameters parameters, MailFlowPolicy policy) {
        this.mid = mid;
        this.sender = sender;
        this.parameters = parameters;
        this.policy = policy;
    }

    void begin(BodyWriter body) {
        writer = body;
        if (policy.bareLineEndings() == MailFlowPolicy.BareLineEndings.NORMALISE) {
            scanner = DataScanner.beforeNormaliser();
            normaliser = new LineEndNormaliser();
        }
        holdHeader(true);
    }

    /// What nothing is done to is not held back either.
    private void holdHeader(boolean stuffed) {
        if (policy.hygiene().changesHeader()) {
            header = new HeaderGate(block -> HeaderRules.applied(policy.hygiene(), block), stuffed);
        }
    }

    /// Content comes in chunks from now on.
    void beginChunks(BodyWriter body) {
        if (binary()) {
            writer = body;
            scanner = DataScanner.binary();
            holdHeader(false);
        } else {
            begin(body);
            stuffer = new DotStuffer();
        }
        chunked = true;
    }

    /// After [#begin] or [#beginChunks]: what goes into the spool from now on is shown to it.
    void signBy(MailSigning signer, String group, MailSigning.Client client) {
        SigningRules.Sender from = new SigningRules.Sender(sender.mailbox().map(Mailbox::domain), Optional.of(group), DkimSettings.Key.MAIL);
        signing = signer.begin(new MailSigning.Message(from, !binary(), Optional.of(client))).orElse(null);
        signingAgain = () -> signer.begin(new MailSigning.Message(from, true, Optional.of(client)));
    }

    private boolean binary() {
        return parameters.body() == BodyType.BINARY_MIME;
    }

    boolean chunked() {
        return chunked;
    }

    /// Takes what is content of `bytes[from..to)`.
    ///
    /// @return the end of it; see [DataScanner#scan]
    int content(byte[] bytes, int from, int to) {
        int end = scanner.scan(bytes, from, to);
        octets += end - from;
        if (end > from) {
            keep(bytes, from, end);
        }
        return end;
    }

    /// Takes octets of a chunk, all of which are content.
    void chunk(byte[] bytes, int from, int to) {
        octets += to - from;
        DotStuffer stuffing = stuffer;
        if (stuffing == null) {
            scanner.scan(bytes, from, to);
            keep(bytes, from, to);
        } else {
            keepStuffed(stuffing.stuff(bytes, from, to));
        }
    }

    /// The last chunk has come whole.
    void endChunks() {
        DotStuffer stuffing = stuffer;
        if (stuffing != null && octets > 0) {
            keepStuffed(stuffing.lineEnd());
        }
        scanner.end();
    }

    private void keepStuffed(ByteBuffer stuffed) {
        int from = stuffed.position();
        if (stuffed.hasRemaining()) {
            scanner.scan(stuffed.array(), from, stuffed.limit());
            keep(stuffed.array(), from, stuffed.limit());
        }
    }

    /// Nothing is kept of a message that will be refused: it is only read to its end.
    private void keep(byte[] bytes, int from, int to) {
        if (tooLarge() || unwritable || scanner.refusal().isPresent()) {
            return;
        }
        byte[] mended = normaliser == null ? bytes : normaliser.mend(bytes, from, to);
        int start = normaliser == null ? from : 0;
        int end = normaliser == null ? to : mended.length;
        write(header == null ? ByteBuffer.wrap(mended, start, end - start) : header.pass(mended, start, end));
    }

    private void write(ByteBuffer octets) {
        if (!octets.hasRemaining()) {
            return;
        }
        MailSigning.Pass watching = signing;
        if (watching != null) {
            watching.octets(octets.array(), octets.arrayOffset() + octets.position(), octets.arrayOffset() + octets.limit());
        }
        try {
            Objects.requireNonNull(writer).write(octets);
        } catch (IOException full) {
            unwritable = true;
        }
    }

    /// The content has ended: what is still held back of it is written.
    void complete() {
        if (header != null && !unwritable) {
            write(header.end());
        }
    }

    /// True when so much of it waits for the disk that no more should be read.
    ///
    /// @param again then run once, on another thread, when more may be
    boolean isBehind(Runnable again) {
        return writer != null && writer.isBehind(again);
    }

    boolean ended() {
        return scanner.ended();
    }

    /// So far beyond the limit that waiting for its end is not worth the line: twice as much and a MiB.
    boolean endless() {
        return endless(octets, policy);
    }

    static boolean endless(long octets, MailFlowPolicy policy) {
        return octets / 2 > policy.limits().messageSize() + (1 << 19);
    }

    /// With so many octets more the message would be too large.
    boolean exceededBy(long more) {
        return more > policy.limits().messageSize() - octets;
    }

    private boolean tooLarge() {
        return octets > policy.limits().messageSize();
    }

    /// Why the message is not taken at its end.
    record Verdict(OurReply reply, ReceivingFailure why) {}

    Optional<Verdict> refusal() {
        if (tooLarge()) {
            return Optional.of(new Verdict(OurReplies.TOO_LARGE, ReceivingFailure.MESSAGE_SIZE));
        }
        if (scanner.refusal().isPresent()) {
            return Optional.of(new Verdict(scanner.refusal().get(), ReceivingFailure.BARE_LINE_ENDING));
        }
        Hygiene.ContentLimits limits = policy.hygiene().limits();
        if (scanner.receivedFields() >= limits.receivedFields()) {
            return Optional.of(new Verdict(OurReplies.LOOP, ReceivingFailure.MESSAGE_LOOP));
        }
        if (scanner.headerOctets() > limits.headerOctets() || header != null && header.tooLong()) {
            return Optional.of(new Verdict(OurReplies.HEADER_TOO_LARGE, ReceivingFailure.HEADER_SIZE));
        }
        if (scanner.longestLine() > limits.lineOctets()) {
            return Optional.of(new Verdict(OurReplies.TEXT_LINE_TOO_LONG, ReceivingFailure.LINE_LENGTH));
        }
        return unwritable ? Optional.of(new Verdict(OurReplies.NOT_STORED, ReceivingFailure.RESOURCES_LOW)) : Optional.empty();
    }

    boolean dated() {
        return scanner.dated();
    }

    boolean identified() {
        return scanner.messageId().isPresent();
    }

    /// All of it, not to be refused.
    ///
    /// @throws IOException when the rest of the body cannot be written
    Taken taken() throws IOException {
        return new Taken(mid, parameters, found(), Objects.requireNonNull(writer).finish(), Optional.ofNullable(signing));
    }

    /// What is to become of its content before it is signed and kept: it is to be signed, and is more than 7-bit (RFC 6376 §5.3), or has lines that are too long.
    Optional<SevenBitPlan.Target> conversion() {
        MailSigning.Pass pass = signing;
        if (pass != null && (binary() || scanner.eightBit()) && pass.convertsEightBit()) {
            return Optional.of(SevenBitPlan.Target.SEVEN_BIT);
        }
        boolean tooLong = !binary() && scanner.longestLine() > SevenBitPlan.LONGEST_LINE;
        return tooLong && policy.hygiene().longLines() == Hygiene.LongLines.ENCODE ? Optional.of(SevenBitPlan.Target.EIGHT_BIT) : Optional.empty();
    }

    /// To sign what has become of it.
    Optional<MailSigning.Pass> signAgain() {
        return signingAgain.get();
    }

    private Content found() {
        Content content = scanner.content(0);
        LineEndNormaliser mended = normaliser;
        HeaderGate changed = header;
        long size = (mended == null ? content.trueSize() : mended.trueSize()) + (changed == null ? 0 : changed.grown());
        long dots = (mended == null ? content.stuffedDots() : mended.stuffedDots()) + (changed == null ? 0 : changed.dotsGrown());
        return new Content(size, dots, content.eightBit(), content.subject(), content.messageId(), content.tlsRequiredNo());
    }

    /// The message's own header as it is kept, where it was held back.
    Optional<HeaderBlock> header() {
        return header == null ? Optional.empty() : header.header();
    }

    void discard() {
        if (writer != null) {
            writer.discard();
        }
    }
}
