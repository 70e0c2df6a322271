package org.mailrelay.queue;

import java.util.Optional;
import org.mailrelay.core.mail.Icid;

/// The connection that a message came over.
///
/// @param icid     0 for what the relay made itself
/// @param address  of the peer; empty for what the relay made itself
/// @param heloName what the peer called itself, as the grammar passed it; empty where it is not known
/// @param listener name of the listener; empty where it is not known
/// @param policy   name of the mail flow policy; empty where it is not known
/// @param user     who authenticated
public record Injection(Icid icid, String address, String heloName, String listener, String policy, Optional<String> user) {

    /// What the relay made itself.
    public static final Injection OURS = of(new Icid(0), "");

    public static Injection of(Icid icid, String address) {
        return new Injection(icid, address, "", "", "", Optional.empty());
    }

    public Injection by(String heloName) {
        return new Injection(icid, address, heloName, listener, policy, user);
    }

    public Injection under(String listener, String policy) {
        return new Injection(icid, address, heloName, listener, policy, user);
    }

    public Injection of(String user) {
        return new Injection(icid, address, heloName, listener, policy, Optional.of(user));
    }
}
