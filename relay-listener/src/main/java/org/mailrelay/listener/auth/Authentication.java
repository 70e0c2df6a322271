package org.mailrelay.listener.auth;

import java.io.IOException;
import java.net.InetAddress;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import org.mailrelay.core.auth.AuthSources;
import org.mailrelay.core.auth.Authority;
import org.mailrelay.core.auth.BearerExchange;
import org.mailrelay.core.auth.ChannelBinding;
import org.mailrelay.core.auth.LoginExchange;
import org.mailrelay.core.auth.Mechanism;
import org.mailrelay.core.auth.PlainExchange;
import org.mailrelay.core.auth.SaslExchange;
import org.mailrelay.core.auth.SaslStep;
import org.mailrelay.core.auth.ScramExchange;
import org.mailrelay.core.auth.TokenAnswer;

/// AUTH for all listeners of a relay. Safe from any thread.
///
/// So many at once wait for their answer, and beyond that it is 454: logging in is never what stops mail of those who are in. What takes a
/// processor (passwords of the file) or waits for somebody else (an issuer of tokens) has bounds of its own, so that neither stops the other.
public final class Authentication {

    private static final int WAITING = 256;

    private final InstantSource clock;
    private final Guesses guesses = new Guesses();
    private final SecureRandom random = new SecureRandom();
    private final ExecutorService threads = Executors.newThreadPerTaskExecutor(Thread.ofVirtual().name("auth-", 0).factory());
    private final Semaphore places = new Semaphore(WAITING);
    private volatile Sourced current = new Sourced(AuthSources.NONE, List.of(), new None());

    public Authentication(InstantSource clock) {
        this.clock = clock;
    }

    /// @param written when the files of its authorities were
    private record Sourced(AuthSources sources, List<Long> written, Authority authority) {}

    /// Those in force.
    public AuthSources sources() {
        return current.sources;
    }

    /// Takes other sources from now on; sources that are the same keep what they know, unless a file of authorities has changed.
    ///
    /// @throws IOException where they cannot be used; then the ones before stay
    public void use(AuthSources sources) throws IOException {
        List<Long> written = sources.authorities().stream().map(file -> file.toFile().lastModified()).toList();
        if (!sources.equals(current.sources) || !written.equals(current.written)) {
            current = new Sourced(sources, written, sources.any() ? Authorities.of(sources) : new None());
        }
    }

    /// What EHLO may list on a connection with this binding.
    public List<Mechanism> offered(ChannelBinding channel) {
        Authority authority = current.authority;
        List<Mechanism> offered = new ArrayList<>();
        for (Mechanism mechanism : Mechanism.values()) {
            if (authority.offers(mechanism) && (mechanism != Mechanism.SCRAM_SHA_256_PLUS || channel.possible())) {
                offered.add(mechanism);
            }
        }
        return offered;
    }

    public SaslExchange begin(Mechanism mechanism, ChannelBinding channel) {
        Authority authority = current.authority;
        return switch (mechanism) {
            case PLAIN -> new PlainExchange(authority);
            case LOGIN -> new LoginExchange(authority);
            case SCRAM_SHA_256 -> new ScramExchange(authority, channel, false, nonce());
            case SCRAM_SHA_256_PLUS -> new ScramExchange(authority, channel, true, nonce());
            case OAUTHBEARER -> new BearerExchange(authority, true);
            case XOAUTH2 -> new BearerExchange(authority, false);
        };
    }

    /// Whether this address has guessed too often to be heard.
    public boolean tooManyGuesses(InetAddress address) {
        return guesses.tooMany(address, clock.instant());
    }

    /// Takes one step of an exchange elsewhere, and tells what came of it there. What fails counts against address and user.
    ///
    /// @param then also told which addresses the user may send as; none: any
    public void step(SaslExchange exchange, byte[] response, InetAddress address, BiConsumer<SaslStep, List<String>> then) {
        if (!places.tryAcquire()) {
            then.accept(new SaslStep.Unavailable(""), List.of());
            return;
        }
        threads.execute(() -> {
            SaslStep step = new SaslStep.Unavailable("");
            try {
                step = judged(exchange.answer(response), address);
            } finally {
                places.release();
                Optional<List<String>> senders = step instanceof SaslStep.Proven(String user) ? senders(user) : Optional.of(List.of());
                then.accept(senders.isPresent() ? step : new SaslStep.Unavailable(""), senders.orElse(List.of()));
            }
        });
    }

    private SaslStep judged(SaslStep step, InetAddress address) {
        return switch (step) {
            case SaslStep.Refuted(String user) -> {
                guesses.failed(address, user, clock.instant());
                yield step;
            }
            // A right guess among too many is as good as a wrong one, and looks like it.
            case SaslStep.Proven(String user) when guesses.tooMany(address, user, clock.instant()) -> new SaslStep.Refuted(user);
            case SaslStep.Proven(String user) -> {
                guesses.succeeded(address, user);
                yield step;
            }
            case SaslStep.Challenge _, SaslStep.Malformed _, SaslStep.Unavailable _ -> step;
        };
    }

    /// Tells which addresses a user may send as who has proven elsewhere to be that user; none: any. Empty where that
    /// cannot be told now. Told on another thread.
    public void known(String user, Consumer<Optional<List<String>>> then) {
        threads.execute(() -> then.accept(senders(user)));
    }

    private Optional<List<String>> senders(String user) {
        return current.authority instanceof Authorities known ? known.senders(user) : Optional.of(List.of());
    }

    private String nonce() {
        byte[] octets = new byte[18];
        random.nextBytes(octets);
        return Base64.getEncoder().encodeToString(octets);
    }

    /// Where nothing is configured.
    private static final class None implements Authority {
        @Override
        public Answer password(String user, String password) {
            return Answer.WRONG;
        }

        @Override
        public org.mailrelay.core.auth.ScramKeys scram(String user) {
            throw new IllegalStateException("nothing was offered");
        }

        @Override
        public TokenAnswer token(String claimed, String token) {
            return new TokenAnswer.Wrong();
        }

        @Override
        public boolean offers(Mechanism mechanism) {
            return false;
        }
    }
}
