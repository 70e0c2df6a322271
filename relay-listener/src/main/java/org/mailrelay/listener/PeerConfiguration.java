package org.mailrelay.listener;

import java.util.Optional;
import org.apache.james.protocols.api.OidcSASLConfiguration;
import org.apache.james.protocols.smtp.SMTPConfiguration;
import org.mailrelay.core.mail.Domain;

/// What James's session asks about its connection: the access decision's answers.
record PeerConfiguration(Peer peer, Domain ourName) implements SMTPConfiguration {

    @Override
    public long getMaxMessageSize() {
        return peer.policy().limits().messageSize();
    }

    @Override
    public boolean isRelayingAllowed(String remoteAddress) {
        return peer.relays();
    }

    @Override
    public boolean isAuthAnnounced(String remoteAddress, boolean tlsStarted) {
        return false;
    }

    @Override
    public boolean useHeloEhloEnforcement() {
        return true;
    }

    @Override
    public boolean useAddressBracketsEnforcement() {
        return true;
    }

    @Override
    public boolean isPlainAuthEnabled() {
        return false;
    }

    @Override
    public Optional<OidcSASLConfiguration> saslConfiguration() {
        return Optional.empty();
    }

    @Override
    public String getGreeting() {
        return ourName.name();
    }

    @Override
    public String getSoftwareName() {
        return "";
    }

    @Override
    public String getHelloName() {
        return ourName.name();
    }
}
