package org.mailrelay.core.settings;

import java.util.List;
import java.util.Optional;
import org.mailrelay.core.mail.AuthIdentity;
import org.mailrelay.core.mail.Domain;
import org.mailrelay.core.tls.TlsRule;

/// One entry of `routes.yaml`.
///
/// @param key      as it stands in the file: `example.com`, `.lab.example`, `ALL`, or the sender's
/// @param position `conf/routes.yaml:7`
public record RouteEntry(String key, String position, Target target) {

    public sealed interface Target {
        /// `USEDNS`: the MX, whatever `ALL` says.
        record UseDns() implements Target {}
        /// `/dev/null`: accepted and dropped.
        record Discard() implements Target {}
        record Hosts(List<Host> hosts) implements Target {
            public Hosts {
                hosts = List.copyOf(hosts);
            }
        }
    }

    /// @param priority    0 is the best; equal ones share by connection
    /// @param lookUpMx    of a host name: its MX first, then its address; `mx: false` asks for the address alone
    /// @param tls         raises the level for what goes this way
    /// @param auth        the identity to log in as; needs a peer verified against the host's name
    public record Host(Name name, int port, int priority, boolean lookUpMx, boolean implicitTls, Optional<TlsRule> tls, Optional<AuthIdentity> auth) {

        /// `mx-a.corp.example:25`
        public String place() {
            return switch (name) {
                case Name.Named(Domain domain) -> domain.name();
                case Name.Literal(String address) -> "[" + address + "]";
            } + ":" + port;
        }
    }

    public sealed interface Name {
        record Named(Domain domain) implements Name {}
        /// 4 or 16 octets, never looked up.
        record Literal(String address) implements Name {}
    }
}
