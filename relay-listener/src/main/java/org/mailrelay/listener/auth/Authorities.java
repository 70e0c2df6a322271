package org.mailrelay.listener.auth;

import java.io.IOException;
import java.util.List;
import java.util.Optional;
import org.mailrelay.core.auth.AuthSources;
import org.mailrelay.core.auth.Authority;
import org.mailrelay.core.auth.Mechanism;
import org.mailrelay.core.auth.ScramKeys;
import org.mailrelay.core.auth.TokenAnswer;

/// The authorities of the configuration as one. A user of the file is the file's; whom it does not know the directory is asked for.
final class Authorities implements Authority {

    private final Optional<FileAuthority> file;
    private final Optional<Authority> directory;
    private final Optional<Authority> issuer;

    private Authorities(Optional<FileAuthority> file, Optional<Authority> directory, Optional<Authority> issuer) {
        this.file = file;
        this.directory = directory;
        this.issuer = issuer;
    }

    /// @throws IOException where users, or an issuer's keys, stand in a file that cannot be used
    static Authorities of(AuthSources sources) throws IOException {
        if (sources.users().isPresent()) {
            UserFile.read(sources.users().get());
        }
        Optional<Authority> issuer = sources.issuer().isPresent() ? Optional.of(new TokenAuthority(sources.issuer().get())) : Optional.empty();
        Optional<Authority> directory = sources.directory().isPresent() ? Optional.of(new LdapAuthority(sources.directory().get())) : Optional.empty();
        return new Authorities(sources.users().map(FileAuthority::new), directory, issuer);
    }

    @Override
    public Answer password(String user, String password) {
        if (file.isPresent() && (directory.isEmpty() || file.get().knows(user))) {
            return file.get().password(user, password);
        }
        return directory.map(asked -> asked.password(user, password)).orElse(Answer.WRONG);
    }

    @Override
    public ScramKeys scram(String user) {
        return file.orElseThrow().scram(user);
    }

    @Override
    public TokenAnswer token(String claimed, String token) {
        return issuer.map(asked -> asked.token(claimed, token)).orElse(new TokenAnswer.Wrong());
    }

    @Override
    public boolean offers(Mechanism mechanism) {
        return file.filter(one -> one.offers(mechanism)).isPresent() || directory.filter(one -> one.offers(mechanism)).isPresent()
                || issuer.filter(one -> one.offers(mechanism)).isPresent();
    }

    /// Empty while that cannot be told.
    Optional<List<String>> senders(String user) {
        return file.isPresent() ? file.get().senders(user) : Optional.of(List.of());
    }
}
