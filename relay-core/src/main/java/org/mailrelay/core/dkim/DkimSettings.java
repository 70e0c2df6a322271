package org.mailrelay.core.dkim;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.mailrelay.core.mail.Domain;
import org.mailrelay.core.smtp.Ascii;

/// `dkim` of `relay.yaml`, with the keys that its files hold.
///
/// @param exact     by the sender's domain
/// @param below     by the parent: for every name below it
/// @param otherwise for whatever has no entry of its own
/// @param arc       who seals mail of others (RFC 8617)
/// @param eightBit  what is done about content that others may have to convert on the way
/// @param identity  what names the sender's domain
public record DkimSettings(Map<Domain, Signer> exact, Map<Domain, Signer> below, Optional<Signer> otherwise, Identity identity, WhenSigningFails whenSigningFails,
        Optional<Arc> arc, EightBit eightBit) {

    public DkimSettings(Map<Domain, Signer> exact, Map<Domain, Signer> below, Optional<Signer> otherwise, Identity identity, WhenSigningFails whenSigningFails, Optional<Arc> arc) {
        this(exact, below, otherwise, identity, whenSigningFails, arc, EightBit.CONVERT);
    }

    /// Nothing is sealed.
    public DkimSettings(Map<Domain, Signer> exact, Map<Domain, Signer> below, Optional<Signer> otherwise, Identity identity, WhenSigningFails whenSigningFails) {
        this(exact, below, otherwise, identity, whenSigningFails, Optional.empty());
    }

    public static final DkimSettings NONE = new DkimSettings(Map.of(), Map.of(), Optional.empty(), Identity.FROM, WhenSigningFails.DEFER);

    public DkimSettings {
        exact = Map.copyOf(exact);
        below = Map.copyOf(below);
        otherwise.filter(signer -> signer.signAs().isEmpty()).ifPresent(_ -> {
            throw new IllegalArgumentException("whoever signs for all must say as whom");
        });
    }

    /// The entries, each once.
    public List<Signer> signers() {
        return Stream.of(exact.values().stream(), below.values().stream(), otherwise.stream()).flatMap(some -> some).sorted(Comparator.comparing(Signer::pattern)).toList();
    }

    /// All keys, those of seals too.
    public List<Key> keys() {
        return Stream.concat(signers().stream().flatMap(signer -> signer.keys().stream()), arc.stream().map(Arc::key)).toList();
    }

    /// Nothing is ever signed or sealed.
    public boolean isEmpty() {
        return exact.isEmpty() && below.isEmpty() && otherwise.isEmpty() && arc.isEmpty();
    }

    public enum Identity {
        /// The From field.
        FROM,
        /// The From field, and where its domain has no entry the envelope's sender.
        FROM_OR_ENVELOPE
    }

    public enum EightBit {
        /// It becomes 7-bit before it is signed or sealed, so that nobody breaks the signature who must convert it (RFC 6376 §5.3).
        CONVERT,
        /// It is signed as it is.
        PASS
    }

    public enum WhenSigningFails {
        /// 451: the client keeps the message.
        DEFER,
        SEND_UNSIGNED
    }

    /// An entry of `dkim.domains`.
    ///
    /// @param pattern as written: `example.com`, `.example.com` or `ALL`
    /// @param signAs  the domain that signs (`d=`); empty: the sender's own
    /// @param keys    one signature each, the first on top
    /// @param groups  sender groups whose mail is signed; empty: all
    public record Signer(String pattern, Optional<Domain> signAs, List<Key> keys, Set<String> groups, Style style) {
        public Signer {
            keys = List.copyOf(keys);
            groups = Set.copyOf(groups);
            if (keys.isEmpty()) {
                throw new IllegalArgumentException("an entry without keys: " + pattern);
            }
        }
    }

    /// @param selector its name in DNS is `selector._domainkey.` and the domain
    /// @param file     where the key was read
    /// @param services `*`, `email`, `tlsrpt`: what the key may sign (`s=` of its record, RFC 6376 §3.6.1, RFC 8460 §3)
    public record Key(Domain selector, SigningKey key, Path file, Set<String> services) {

        public static final String ALL = "*";
        public static final String MAIL = "email";
        public static final String TLS_REPORTS = "tlsrpt";

        public Key {
            services = Set.copyOf(services);
        }

        public boolean serves(String service) {
            return services.contains(ALL) || services.contains(service);
        }
    }

    /// Who seals mail that comes through, where its sender has no entry.
    ///
    /// @param groups sender groups whose mail is sealed; empty: all
    public record Arc(Domain domain, Key key, Set<String> groups) {
        public Arc {
            groups = Set.copyOf(groups);
            if (key.key().algorithm() != Algorithm.RSA_SHA256) {
                throw new IllegalArgumentException("a seal needs an RSA key");
            }
        }
    }

    /// How signatures are made.
    ///
    /// @param headers         fields that are signed where they stand
    /// @param oversign        those that are signed once more than they stand there, so that none can be added (RFC 6376 §8.15)
    /// @param oversignPresent those for which that holds only where there is one: others may add them where they are missing
    /// @param expires         `x=` after `t=`
    public record Style(Form header, Form body, List<String> headers, Set<String> oversign, Set<String> oversignPresent, Optional<Duration> expires) {

        /// RFC 6376 §5.4.1 and what mail clients act on. The fields of lists and resent mail only where they stand: others add them lawfully.
        public static final List<String> HEADERS = List.of("From", "Reply-To", "Subject", "Date", "To", "Cc", "Message-ID", "In-Reply-To", "References", "Sender",
                "MIME-Version", "Content-Type", "Content-Transfer-Encoding", "Content-Disposition", "Resent-Date", "Resent-From", "Resent-To", "Resent-Cc", "List-Id", "List-Help",
                "List-Unsubscribe", "List-Unsubscribe-Post", "List-Subscribe", "List-Post", "List-Owner", "List-Archive", "Auto-Submitted", "TLS-Report-Domain",
                "TLS-Report-Submitter");
        public static final Set<String> OVERSIGN = Set.of("From", "Reply-To", "Subject", "To", "Cc");
        public static final Set<String> OVERSIGN_PRESENT = Set.of("Date", "Message-ID", "MIME-Version", "Content-Type", "Content-Transfer-Encoding");

        public static final Style DEFAULT = new Style(Form.RELAXED, Form.RELAXED, HEADERS, OVERSIGN, OVERSIGN_PRESENT, Optional.empty());

        public Style {
            headers = List.copyOf(headers);
            oversign = Set.copyOf(oversign);
            oversignPresent = Set.copyOf(oversignPresent);
            if (headers.stream().noneMatch(name -> Ascii.equals(name, "FROM"))) {
                throw new IllegalArgumentException("From must be signed (RFC 6376 §5.4)");
            }
        }
    }

    /// The entry for a domain: its own, then the longest `.suffix`, then the one for all.
    public Optional<Signer> match(Domain domain) {
        Signer own = exact.get(domain);
        if (own != null) {
            return Optional.of(own);
        }
        for (Optional<Domain> parent = domain.parent(); parent.isPresent(); parent = parent.get().parent()) {
            Signer above = below.get(parent.get());
            if (above != null) {
                return Optional.of(above);
            }
        }
        return otherwise;
    }
}
