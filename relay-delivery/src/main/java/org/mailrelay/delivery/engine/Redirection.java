package org.mailrelay.delivery.engine;

import java.util.Optional;
import org.mailrelay.core.mail.AddressText;
import org.mailrelay.core.mail.Domain;
import org.mailrelay.core.settings.RouteEntry;


/// Where an operator sends recipients: a host by name or address, and its port. Like a host of `routes.yaml`, without its credentials.
///
/// @param host a domain name, or an IPv4 or IPv6 address
public record Redirection(String host, int port) {

    public Redirection {
        if (port < 1 || port > 65_535 || name(host).isEmpty()) {
            throw new IllegalArgumentException("no host and port: " + host + " " + port);
        }
    }

    /// `mx.example`, `mx.example:587`, `192.0.2.7`, `[2001:db8::7]:25`.
    ///
    /// @param standardPort where the text names none
    /// @return empty for what is no host
    public static Optional<Redirection> parse(String text, int standardPort) {
        int bracket = text.lastIndexOf(']');
        int colon = text.lastIndexOf(':');
        boolean hasPort = bracket >= 0 ? colon > bracket : colon >= 0 && text.indexOf(':') == colon;
        String host = hasPort ? text.substring(0, colon) : text;
        if (host.startsWith("[") && host.endsWith("]")) {
            host = host.substring(1, host.length() - 1);
        }
        int port = hasPort ? number(text.substring(colon + 1)) : standardPort;
        return port < 1 || port > 65_535 || name(host).isEmpty() ? Optional.empty() : Optional.of(new Redirection(host, port));
    }

    private static int number(String text) {
        boolean digits = !text.isEmpty() && text.length() <= 5 && text.chars().allMatch(c -> c >= '0' && c <= '9');
        return digits ? Integer.parseInt(text) : -1;
    }

    private static Optional<RouteEntry.Name> name(String host) {
        return AddressText.parse(host).<RouteEntry.Name>map(_ -> new RouteEntry.Name.Literal(host)).or(() -> Domain.parse(host).map(RouteEntry.Name.Named::new));
    }

    /// As [#parse] reads it.
    @Override
    public String toString() {
        return (host.indexOf(':') >= 0 ? "[" + host + "]" : host) + ":" + port;
    }

    RouteEntry.Host asRoute() {
        return new RouteEntry.Host(name(host).orElseThrow(), port, 0, true, false, Optional.empty(), Optional.empty());
    }
}
