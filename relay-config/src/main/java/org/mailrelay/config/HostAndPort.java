package org.mailrelay.config;

import java.util.Optional;
import org.mailrelay.core.mail.AddressText;
import org.mailrelay.core.mail.Domain;

/// A server that is looked up when it is used: `logs.example.com`, `192.0.2.1:514`, `[2001:db8::1]:6514`.
record HostAndPort(String host, int port) {

    static Optional<HostAndPort> parse(String text, int defaultPort) {
        boolean bracketed = text.startsWith("[");
        int colon = bracketed ? text.indexOf("]:") + 1 : text.indexOf(':') == text.lastIndexOf(':') ? text.lastIndexOf(':') : 0;
        String name = colon > 0 ? text.substring(0, colon) : text;
        String port = colon > 0 ? text.substring(colon + 1) : Integer.toString(defaultPort);
        String host = bracketed && name.endsWith("]") ? name.substring(1, name.length() - 1) : name;
        boolean known = AddressText.parse(host).isPresent() || Domain.parse(host).isPresent();
        if (!known || !port.matches("[0-9]{1,5}")) {
            return Optional.empty();
        }
        int number = Integer.parseInt(port);
        return number >= 1 && number <= 65_535 ? Optional.of(new HostAndPort(host, number)) : Optional.empty();
    }
}
