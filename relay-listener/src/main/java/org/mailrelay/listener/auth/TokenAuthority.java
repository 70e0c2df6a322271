package org.mailrelay.listener.auth;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.source.ImmutableJWKSet;
import com.nimbusds.jose.jwk.source.JWKSource;
import com.nimbusds.jose.jwk.source.JWKSourceBuilder;
import com.nimbusds.jose.proc.BadJOSEException;
import com.nimbusds.jose.proc.JWSVerificationKeySelector;
import com.nimbusds.jose.proc.SecurityContext;
import com.nimbusds.jose.util.DefaultResourceRetriever;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.proc.DefaultJWTClaimsVerifier;
import com.nimbusds.jwt.proc.DefaultJWTProcessor;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.text.ParseException;
import java.util.Optional;
import java.util.Set;
import org.mailrelay.core.auth.AuthSources;
import org.mailrelay.core.auth.Authority;
import org.mailrelay.core.auth.Mechanism;
import org.mailrelay.core.auth.ScramKeys;

/// Tokens of an identity provider: JWTs (RFC 7519) signed with a public-key algorithm by a key of its set, for our audience and in their time.
/// Keys of a URL are fetched over https, kept for a while, and asked for again when a token names one that is unknown, at most once in half a minute.
final class TokenAuthority implements Authority {

    /// Public keys only: with a shared secret (`HS256`) or none, whoever can read the key set could sign (RFC 8725 §3.1).
    private static final Set<JWSAlgorithm> ALGORITHMS = Set.of(JWSAlgorithm.RS256, JWSAlgorithm.RS384, JWSAlgorithm.RS512, JWSAlgorithm.PS256, JWSAlgorithm.PS384,
            JWSAlgorithm.PS512, JWSAlgorithm.ES256, JWSAlgorithm.ES384, JWSAlgorithm.ES512);
    private static final int MILLISECONDS = 5_000;
    private static final int MOST_OCTETS = 256 * 1024;

    private final AuthSources.Issuer issuer;
    private final DefaultJWTProcessor<SecurityContext> processor = new DefaultJWTProcessor<>();

    TokenAuthority(AuthSources.Issuer issuer) throws IOException {
        this.issuer = issuer;
        processor.setJWSKeySelector(new JWSVerificationKeySelector<>(ALGORITHMS, keys(issuer.keys())));
        processor.setJWTClaimsSetVerifier(new DefaultJWTClaimsVerifier<>(issuer.audience(), new JWTClaimsSet.Builder().issuer(issuer.name()).build(),
                Set.of("exp", issuer.userClaim())));
    }

    private static JWKSource<SecurityContext> keys(URI where) throws IOException {
        try {
            if ("file".equals(where.getScheme())) {
                return new ImmutableJWKSet<>(JWKSet.load(Path.of(where).toFile()));
            }
            return JWKSourceBuilder.<SecurityContext>create(where.toURL(), new DefaultResourceRetriever(MILLISECONDS, MILLISECONDS, MOST_OCTETS)).retrying(true).build();
        } catch (ParseException malformed) {
            throw new IOException("no JWK set in " + where, malformed);
        }
    }

    @Override
    public Optional<String> token(String claimed, String token) {
        try {
            String user = processor.process(token, null).getStringClaim(issuer.userClaim());
            boolean same = claimed.isEmpty() || claimed.equals(user);
            return user == null || user.isEmpty() || !same ? Optional.empty() : Optional.of(user);
        } catch (ParseException | BadJOSEException | JOSEException invalid) {
            return Optional.empty();
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
