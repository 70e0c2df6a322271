package org.mailrelay.core.event;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.mailrelay.core.access.ClientCertificate;
import org.mailrelay.core.access.MailFlowPolicy;
import org.mailrelay.core.mail.Icid;

/// A connection to one of our listeners.
public sealed interface InjectionEvent extends MailEvent {

    Icid icid();

    @Override
    default Level level() {
        return Level.INFO;
    }

    /// `New SMTP ICID 5 interface Management (10.1.1.1) address 10.1.1.209 reverse dns host app1.example.com verified yes`
    ///
    /// @param host what reverse DNS says; empty where it says nothing or was not asked
    record Opened(Instant at, Icid icid, String listener, String localAddress, String peerAddress, Optional<String> host, boolean verified) implements InjectionEvent {}

    /// `ICID 5 RELAY SG RELAYLIST match 10.1.1.0/24 SBRS not enabled`
    record AccessDecided(Instant at, Icid icid, MailFlowPolicy.Access access, String group, String match) implements InjectionEvent {}

    /// `ICID 5 XCLIENT address 192.0.2.1 host app1.example.com`: from here on it is this client's connection
    record ClientClaimed(Instant at, Icid icid, String peerAddress, Optional<String> host) implements InjectionEvent {}

    /// `ICID 5 TLS success protocol TLSv1.3 cipher TLS_AES_256_GCM_SHA384`
    ///
    /// @param took the handshake, the client's part in it as well
    record TlsSucceeded(Instant at, Icid icid, String protocol, String cipher, Duration took) implements InjectionEvent {}

    /// `ICID 5 TLS failed: no shared cipher`
    ///
    /// @param took until it was given up
    record TlsFailed(Instant at, Icid icid, String reason, Duration took) implements InjectionEvent {}

    /// `ICID 5 TLS client certificate "cn=app1,o=example" verified names app1.example.com sha256 3a0f3a0f3a0f3a0f3a0f3a0f3a0f3a0f3a0f3a0f3a0f3a0f3a0f3a0f3a0f3a0f user app1`
    ///
    /// Or `known by its fingerprint`, or `not verified: ` and why.
    ///
    /// @param policy whose `verify_client` asked for it
    /// @param user   whose the certificate is, where `authentication.certificates` says so
    record CertificateShown(Instant at, Icid icid, ClientCertificate certificate, String policy, Optional<String> user) implements InjectionEvent {}

    /// `ICID 5 TLS client certificate missing, policy partners requires one`
    record CertificateMissing(Instant at, Icid icid, String policy, boolean required) implements InjectionEvent {}

    /// `ICID 8 TLS was required but remote host did not initiate it`
    record TlsNotInitiated(Instant at, Icid icid) implements InjectionEvent {}

    /// `SMTP Auth (ICID 5) succeeded for user: app1 using AUTH mechanism: PLAIN with profile: default`
    record AuthSucceeded(Instant at, Icid icid, String user, String mechanism) implements InjectionEvent {}

    /// `SMTP Auth (ICID 5) failed for user: app1 using AUTH mechanism: PLAIN with profile: default`
    ///
    /// @param user as the client wrote it
    record AuthFailed(Instant at, Icid icid, String user, String mechanism) implements InjectionEvent {}

    /// `ICID 5 Unknown command: FOO`
    record UnknownCommand(Instant at, Icid icid, String command) implements InjectionEvent {}

    /// `ICID 5 Bad syntax for command: MAIL FROM x`
    record BadSyntax(Instant at, Icid icid, String command) implements InjectionEvent {}

    /// `ICID 5 Receiving Failed: Message size exceeds limit`
    record ReceivingFailed(Instant at, Icid icid, ReceivingFailure why) implements InjectionEvent {
        @Override
        public Level level() {
            return Level.WARNING;
        }
    }

    /// `ICID 5 lost`
    record Lost(Instant at, Icid icid) implements InjectionEvent {}

    /// `ICID 5 close`
    record Closed(Instant at, Icid icid, String listener) implements InjectionEvent {}

    /// The ESA's words for what we do not take.
    enum ReceivingFailure {
        MESSAGE_LOOP("Message loop"),
        MESSAGE_SIZE("Message size exceeds limit"),
        CONNECTION_LIMIT("Connection limit exceeded"),
        TOO_MANY_MESSAGES("Too Many Messages"),
        RESOURCES_LOW("Resources Low"),
        BARE_LINE_ENDING("Bare line ending in content"),
        HEADER_SIZE("Message header size exceeds limit"),
        LINE_LENGTH("Line length exceeds limit"),
        NOT_SIGNED("Message cannot be signed now"),
        TOO_SLOW("Too slow"),
        EARLY_TALKER("Client spoke out of turn"),
        RATE("Rate limit reached");

        private final String words;

        ReceivingFailure(String words) {
            this.words = words;
        }

        public String words() {
            return words;
        }
    }
}
