package org.mailrelay.net.dkim;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.mailrelay.core.dkim.Algorithm;
import org.mailrelay.core.dkim.ArcChain;
import org.mailrelay.core.dkim.ArcProof;
import org.mailrelay.core.dkim.DkimSettings;
import org.mailrelay.core.dkim.FieldSelection;
import org.mailrelay.core.dkim.Form;
import org.mailrelay.core.dkim.Hash;
import org.mailrelay.core.dkim.HeaderBlock;
import org.mailrelay.core.dkim.MailSigning;
import org.mailrelay.core.dkim.MessageWatch;
import org.mailrelay.core.dkim.SignatureField;
import org.mailrelay.core.dkim.SigningChoice;
import org.mailrelay.core.dkim.SigningKey;
import org.mailrelay.core.dkim.SigningRules;
import org.mailrelay.core.dkim.Unsigned;
import org.mailrelay.core.mail.Domain;
import org.mailrelay.core.route.DnsFailure;
import org.mailrelay.net.dns.TextLookup;

/// Signs with the keys in force when a message begins. Any thread.
public final class DkimSigning implements MailSigning, AutoCloseable {

    private final Supplier<DkimSettings> settings;
    private final InstantSource clock;
    private final Signers signers;
    private final Supplier<Hash> hashes = Signers.hashes();
    private final ArcSealing sealing;
    private final ExecutorService workers;
    private final ExecutorService askers = Executors.newThreadPerTaskExecutor(Thread.ofVirtual().name("arc-", 1).factory());
    private volatile DkimSettings last = DkimSettings.NONE;

    /// No chain of seals can be judged: a message that has one is not sealed.
    public DkimSigning(Supplier<DkimSettings> settings, InstantSource clock) {
        this(settings, clock, _ -> new TextLookup.Failed(DnsFailure.NETWORK));
    }

    /// @param texts TXT records of a name; asked on virtual threads
    public DkimSigning(Supplier<DkimSettings> settings, InstantSource clock, Function<Domain, TextLookup> texts) {
        this(settings, clock, Signers.best(), texts);
    }

    DkimSigning(Supplier<DkimSettings> settings, InstantSource clock, Signers signers) {
        this(settings, clock, signers, _ -> new TextLookup.Failed(DnsFailure.NETWORK));
    }

    private DkimSigning(Supplier<DkimSettings> settings, InstantSource clock, Signers signers, Function<Domain, TextLookup> texts) {
        this.settings = settings;
        this.clock = clock;
        this.signers = signers;
        this.sealing = new ArcSealing(signers, clock, texts);
        AtomicInteger number = new AtomicInteger();
        // Never more waits than there are connections: each has one message at a time.
        this.workers = Executors.newFixedThreadPool(Runtime.getRuntime().availableProcessors(),
                task -> Thread.ofPlatform().daemon().name("dkim-" + number.incrementAndGet()).unstarted(task));
    }

    @Override
    public Optional<Pass> begin(Message message) {
        DkimSettings now = settings.get();
        if (now != last) {
            last = now;
            signers.keep(keys(now));
        }
        return now.isEmpty() ? Optional.empty() : Optional.of(new Watched(now, message));
    }

    private static Set<SigningKey> keys(DkimSettings settings) {
        Set<SigningKey> keys = new HashSet<>();
        settings.arc().ifPresent(arc -> keys.add(arc.key().key()));
        settings.signers().forEach(signer -> signer.keys().forEach(key -> keys.add(key.key())));
        return keys;
    }

    private final class Watched implements Pass {

        private final DkimSettings under;
        private final Message message;
        private final MessageWatch watch;
        private @Nullable SigningChoice choice;
        private @Nullable ArcChain chain;

        private Watched(DkimSettings under, Message message) {
            this.under = under;
            this.message = message;
            this.watch = new MessageWatch(message.stuffed(), this::wanted, hashes);
        }

        private List<MessageWatch.Wanted> wanted(HeaderBlock header) {
            SigningChoice chosen = SigningRules.choose(under, header, message.sender());
            choice = chosen;
            return switch (chosen) {
                case SigningChoice.Sign sign -> List.of(MessageWatch.Wanted.all(sign.style().body()));
                case SigningChoice.NoKey _ when isSealed() -> wantedForSeal(header);
                case SigningChoice.NoKey _, SigningChoice.Not _ -> List.of();
            };
        }

        private boolean isSealed() {
            return message.client().isPresent() && under.arc().filter(arc -> arc.groups().isEmpty() || message.sender().group().filter(arc.groups()::contains).isPresent()).isPresent();
        }

        /// Ours first, then what the newest seal wants.
        private List<MessageWatch.Wanted> wantedForSeal(HeaderBlock header) {
            ArcChain found = ArcChain.of(header);
            chain = found;
            List<MessageWatch.Wanted> wanted = new ArrayList<>(List.of(MessageWatch.Wanted.all(Form.RELAXED)));
            if (found instanceof ArcChain.Found sets) {
                ArcProof.wanted(sets).ifPresent(wanted::add);
            }
            return wanted;
        }

        @Override
        public boolean convertsEightBit() {
            boolean ours = choice instanceof SigningChoice.Sign || choice instanceof SigningChoice.NoKey && chain instanceof ArcChain.None;
            return ours && under.eightBit() == DkimSettings.EightBit.CONVERT;
        }

        @Override
        public void octets(byte[] octets, int from, int to) {
            watch.octets(octets, from, to);
        }

        @Override
        public void end(byte[] prologue, Consumer<Result> then) {
            Optional<List<byte[]>> hashed = watch.end();
            SigningChoice chosen = choice;
            if (hashed.isEmpty() || chosen == null) {
                then.accept(new Unsignable(Unsigned.HEADER_TOO_LONG, ""));
                return;
            }
            switch (chosen) {
                case SigningChoice.NoKey _ when chain != null -> seal(prologue, hashed.get(), then);
                case SigningChoice.NoKey _ -> then.accept(new NoKey());
                case SigningChoice.Not(Unsigned why) -> then.accept(new Unsignable(why, ""));
                case SigningChoice.Sign sign -> sign(sign, watch.under(prologue), hashed.get().getFirst(), then);
            }
        }

        private void seal(byte[] prologue, List<byte[]> hashes, Consumer<Result> then) {
            ArcChain found = Objects.requireNonNull(chain);
            ArcSealing.Job job = new ArcSealing.Job(under.arc().orElseThrow(), found, watch.under(prologue), hashes.getFirst(),
                    hashes.size() > 1 ? Optional.of(hashes.getLast()) : Optional.empty(), message.client().orElseThrow());
            try {
                (found instanceof ArcChain.Found ? askers : workers).execute(() -> then.accept(sealing.seal(job)));
            } catch (RejectedExecutionException closing) {
                then.accept(new Deferred("the relay is closing"));
            }
        }

        private void sign(SigningChoice.Sign sign, HeaderBlock header, byte[] bodyHash, Consumer<Result> then) {
            Optional<FieldSelection> fields = FieldSelection.forSigning(header, sign.style());
            if (fields.isEmpty()) {
                then.accept(new Unsignable(Unsigned.TOO_MANY_FIELDS, ""));
                return;
            }
            if (sign.keys().stream().noneMatch(key -> key.key().algorithm() == Algorithm.RSA_SHA256)) {
                then.accept(signed(sign, fields.get(), bodyHash));
                return;
            }
            try {
                workers.execute(() -> then.accept(signed(sign, fields.get(), bodyHash)));
            } catch (RejectedExecutionException closing) {
                then.accept(new Deferred("the relay is closing"));
            }
        }

        private Result signed(SigningChoice.Sign sign, FieldSelection fields, byte[] bodyHash) {
            StringBuilder all = new StringBuilder();
            List<String> by = new ArrayList<>();
            for (DkimSettings.Key key : sign.keys()) {
                SignatureField field = SignatureField.of(new SignatureField.Tags(key.key().algorithm(), sign.domain(), key.selector(), sign.style(), clock.instant()), fields, bodyHash);
                try {
                    all.append(field.signed(signers.sign(key.key(), field.data())));
                } catch (GeneralSecurityException | RuntimeException failed) {
                    String detail = key.selector() + "._domainkey." + sign.domain() + ": " + failed.getMessage();
                    return switch (under.whenSigningFails()) {
                        case DEFER -> new Deferred(detail);
                        case SEND_UNSIGNED -> new Unsignable(Unsigned.SIGNING_FAILED, detail);
                    };
                }
                by.add(key.selector() + " (" + key.key().algorithm().word() + ")");
            }
            return new Signed(all.toString().getBytes(StandardCharsets.US_ASCII), sign.domain(), sign.sender(), by);
        }
    }

    /// Waits for signatures under way.
    @Override
    public void close() {
        askers.close();
        workers.close();
    }
}
