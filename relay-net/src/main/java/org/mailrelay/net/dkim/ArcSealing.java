package org.mailrelay.net.dkim;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.mailrelay.core.dkim.ArcChain;
import org.mailrelay.core.dkim.ArcChain.Validity;
import org.mailrelay.core.dkim.ArcFields;
import org.mailrelay.core.dkim.ArcProof;
import org.mailrelay.core.dkim.DkimSettings;
import org.mailrelay.core.dkim.FieldSelection;
import org.mailrelay.core.dkim.HeaderBlock;
import org.mailrelay.core.dkim.KeyRecord;
import org.mailrelay.core.dkim.MailSigning;
import org.mailrelay.core.dkim.Unsigned;
import org.mailrelay.core.mail.Domain;
import org.mailrelay.net.dns.TextLookup;

/// Judges the seals that a message brings, and adds ours (RFC 8617 §5). Asks DNS for keys: virtual threads only, where there is a chain.
final class ArcSealing {

    /// For all keys of a chain; a chain that takes longer is not judged, and gets no seal.
    private static final Duration MOST_LOOKING = Duration.ofSeconds(20);

    /// A message that has come whole.
    ///
    /// @param header   with our own fields on top
    /// @param bodyHash in the relaxed form
    /// @param previous hash of the body as the newest message signature wants it; empty where there is none to judge
    record Job(DkimSettings.Arc by, ArcChain chain, HeaderBlock header, byte[] bodyHash, Optional<byte[]> previous, MailSigning.Client client) {}

    private sealed interface Judged {
        record As(Validity validity) implements Judged {}

        record NotNow(String why) implements Judged {}
    }

    private final Signers signers;
    private final InstantSource clock;
    private final Function<Domain, TextLookup> texts;

    ArcSealing(Signers signers, InstantSource clock, Function<Domain, TextLookup> texts) {
        this.signers = signers;
        this.clock = clock;
        this.texts = texts;
    }

    /// A message goes unsealed rather than not at all: a seal is a help to those behind us, no more.
    MailSigning.Result seal(Job job) {
        try {
            return switch (judge(job)) {
                case Judged.NotNow(String why) -> new MailSigning.Unsignable(Unsigned.NOT_SEALED, why);
                case Judged.As(Validity validity) -> sealed(job, validity);
            };
        } catch (GeneralSecurityException | RuntimeException failed) {
            return new MailSigning.Unsignable(Unsigned.NOT_SEALED, String.valueOf(failed.getMessage()));
        }
    }

    private Judged judge(Job job) {
        return switch (job.chain()) {
            case ArcChain.None _ -> new Judged.As(Validity.NONE);
            case ArcChain.Broken _ -> new Judged.As(Validity.FAIL);
            case ArcChain.Ended _ -> new Judged.NotNow("a hop before has ended the chain");
            case ArcChain.Found found -> job.previous().flatMap(hash -> ArcProof.of(found, job.header(), hash, clock.instant().getEpochSecond()))
                    .map(this::hold).orElseGet(() -> new Judged.As(Validity.FAIL));
        };
    }

    private Judged hold(ArcProof proof) {
        Map<Domain, List<String>> keys = new HashMap<>();
        long until = System.nanoTime() + MOST_LOOKING.toNanos();
        for (ArcProof.Claim claim : proof.claims()) {
            if (!keys.containsKey(claim.keyName())) {
                if (System.nanoTime() - until > 0) {
                    return new Judged.NotNow("looking up the keys of the chain took longer than " + TimeUnit.NANOSECONDS.toSeconds(MOST_LOOKING.toNanos()) + " s");
                }
                switch (texts.apply(claim.keyName())) {
                    case TextLookup.Failed failed -> {
                        return new Judged.NotNow("the key " + claim.keyName() + " cannot be looked up: " + failed.why().words());
                    }
                    case TextLookup.Found(List<String> found) -> keys.put(claim.keyName(), found);
                }
            }
            boolean holds = keys.get(claim.keyName()).stream().flatMap(text -> KeyRecord.parse(text).stream())
                    .anyMatch(key -> SignatureCheck.holds(claim.algorithm(), key, claim.data(), claim.signature()));
            if (!holds) {
                return new Judged.As(Validity.FAIL);
            }
        }
        return new Judged.As(Validity.PASS);
    }

    private MailSigning.Result sealed(Job job, Validity validity) throws GeneralSecurityException {
        int instance = 1 + switch (job.chain()) {
            case ArcChain.None _, ArcChain.Ended _ -> 0;
            case ArcChain.Broken(int highest) -> highest;
            case ArcChain.Found(var sets) -> sets.size();
        };
        Optional<FieldSelection> fields = FieldSelection.forSigning(job.header(), ArcFields.style());
        if (instance > ArcChain.MOST_SETS || fields.isEmpty()) {
            return new MailSigning.Unsignable(Unsigned.NOT_SEALED, fields.isEmpty() ? Unsigned.TOO_MANY_FIELDS.words() : "too many seals");
        }
        DkimSettings.Arc by = job.by();
        ArcFields.Sealer sealer = new ArcFields.Sealer(by.domain(), by.key().selector(), instance, clock.instant());
        String results = ArcFields.results(by.domain(), instance, job.client(), validity);
        String unsigned = ArcFields.message(sealer, fields.get(), job.bodyHash());
        String message = ArcFields.signed(unsigned, signers.sign(by.key().key(), ArcFields.messageData(fields.get(), unsigned)));
        String unsignedSeal = ArcFields.seal(sealer, validity);
        String seal = ArcFields.signed(unsignedSeal, signers.sign(by.key().key(), ArcFields.sealData(validity == Validity.FAIL ? new ArcChain.None() : job.chain(), results, message, unsignedSeal)));
        String all = seal + "\r\n" + message + "\r\n" + results + "\r\n";
        return new MailSigning.Sealed(all.getBytes(StandardCharsets.US_ASCII), by.domain(), instance, validity);
    }
}
