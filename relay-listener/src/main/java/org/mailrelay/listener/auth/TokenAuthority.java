package org.mailrelay.listener.auth;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JOSEObjectType;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.KeySourceException;
import com.nimbusds.jose.jwk.source.JWKSource;
import com.nimbusds.jose.jwk.source.JWKSourceBuilder;
import com.nimbusds.jose.proc.BadJOSEException;
import com.nimbusds.jose.proc.DefaultJOSEObjectTypeVerifier;
import com.nimbusds.jose.proc.JWSVerificationKeySelector;
import com.nimbusds.jose.proc.SecurityContext;
import com.nimbusds.jose.util.DefaultResourceRetriever;
import com.nimbusds.jose.util.ResourceRetriever;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.proc.DefaultJWTClaimsVerifier;
import com.nimbusds.jwt.proc.DefaultJWTProcessor;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.text.ParseException;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.Semaphore;
import org.mailrelay.core.auth.AuthSources;
import org.mailrelay.core.auth.Authority;
import org.mailrelay.core.auth.Mechanism;
import org.mailrelay.core.auth.ScramKeys;
import org.mailrelay.core.auth.TokenAnswer;
import org.mailrelay.net.tls.ClientTrust;

/// Tokens of an identity provider: JWTs (RFC 7519) signed with a public-key algorithm by a key of its set, for our audience and in their time.
/// Keys of a file are read again when it changes ([KeySetFile]); those of a URL are fetched over https and kept for five minutes, for hours while the issuer is not reached; they are asked for again when a token
/// names one that is unknown, at most once in half a minute. So many tokens at once wait for them, each for ten seconds at most.
final class TokenAuthority implements Authority {

    /// Public keys only: with a shared secret (`HS256`) or none, whoever can read the key set could sign (RFC 8725 §3.1).
    private static final Set<JWSAlgorithm> ALGORITHMS = Set.of(JWSAlgorithm.RS256, JWSAlgorithm.RS384, JWSAlgorithm.RS512, JWSAlgorithm.PS256, JWSAlgorithm.PS384,
            JWSAlgorithm.PS512, JWSAlgorithm.ES256, JWSAlgorithm.ES384, JWSAlgorithm.ES512);
    /// RFC 9068 §2.1; older issuers say `JWT`, or nothing.
    private static final JOSEObjectType ACCESS_TOKEN = new JOSEObjectType("at+jwt");
    private static final int AT_ONCE = 16;
    private static final int MOST_OCTETS = 256 * 1024;

    private final AuthSources.Issuer issuer;
    private final DefaultJWTProcessor<SecurityContext> processor = new DefaultJWTProcessor<>();
    private final Semaphore places = new Semaphore(AT_ONCE);

    TokenAuthority(AuthSources.Issuer issuer) throws IOException {
        this(issuer, Duration.ofSeconds(5), Duration.ofSeconds(30));
    }

    /// @param patience for the issuer's host, to connect and to read
    /// @param between  two requests for keys that are unknown
    TokenAuthority(AuthSources.Issuer issuer, Duration patience, Duration between) throws IOException {
        this.issuer = issuer;
        processor.setJWSKeySelector(new JWSVerificationKeySelector<>(ALGORITHMS, keys(issuer, patience, between)));
        processor.setJWSTypeVerifier(new DefaultJOSEObjectTypeVerifier<>(JOSEObjectType.JWT, ACCESS_TOKEN, null));
        processor.setJWTClaimsSetVerifier(new DefaultJWTClaimsVerifier<>(issuer.audience(), new JWTClaimsSet.Builder().issuer(issuer.name()).build(),
                Set.of("exp", issuer.userClaim())));
    }

    private static JWKSource<SecurityContext> keys(AuthSources.Issuer issuer, Duration patience, Duration between) throws IOException {
        URI where = issuer.keys();
        if ("file".equals(where.getScheme())) {
            return new KeySetFile(Path.of(where));
        }
        int wait = (int) patience.toMillis();
        ResourceRetriever retriever = new DefaultResourceRetriever(wait, wait, MOST_OCTETS, true, ClientTrust.sockets(issuer.trust()));
        return JWKSourceBuilder.<SecurityContext>create(where.toURL(), retriever).rateLimited(between.toMillis()).outageTolerant(true).build();
    }

    @Override
    public TokenAnswer token(String claimed, String token) {
        if (!places.tryAcquire()) {
            return new TokenAnswer.Unavailable();
        }
        try {
            String user = processor.process(token, null).getStringClaim(issuer.userClaim());
            boolean same = claimed.isEmpty() || claimed.equals(user);
            return user == null || user.isEmpty() || !same ? new TokenAnswer.Wrong() : new TokenAnswer.Of(user);
        } catch (KeySourceException unreachable) {
            return new TokenAnswer.Unavailable();
        } catch (ParseException | BadJOSEException | JOSEException invalid) {
            return new TokenAnswer.Wrong();
        } finally {
            places.release();
        }
    }

    @Override
    public Answer password(String user, String password) {
        return Answer.WRONG;
    }

    @Override
    public ScramKeys scram(String user) {
        throw new IllegalStateException("an issuer of tokens keeps no passwords");
    }

    @Override
    public boolean offers(Mechanism mechanism) {
        return mechanism.kind() == Mechanism.Kind.TOKEN;
    }
}
