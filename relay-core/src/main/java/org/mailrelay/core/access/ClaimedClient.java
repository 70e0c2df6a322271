package org.mailrelay.core.access;

import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import org.mailrelay.core.mail.AddressText;
import org.mailrelay.core.mail.Domain;
import org.mailrelay.core.smtp.Ascii;
import org.mailrelay.core.smtp.Xtext;

/// Who a front server says that its client is: the argument of XCLIENT, as Postfix defines it. Believed of named servers only.
///
/// `XCLIENT ADDR=192.0.2.1 NAME=app1.example.com PORT=4711`: values in xtext, an IPv6 address behind `IPV6:`, `[UNAVAILABLE]` and
/// `[TEMPUNAVAIL]` for a name that is not known. ADDR must be there. Who has authenticated a front server may not say: nobody but the
/// client has proven anything to us.
public sealed interface ClaimedClient {

    /// What is offered.
    String ATTRIBUTES = "ADDR NAME PORT";

    /// @param address 4 or 16 octets
    /// @param port    0 where none was said
    record Client(byte[] address, int port, Optional<Domain> name) implements ClaimedClient {}

    record Malformed() implements ClaimedClient {}

    static ClaimedClient read(String argument) {
        Optional<byte[]> address = Optional.empty();
        Optional<Domain> name = Optional.empty();
        int port = 0;
        Set<String> said = new HashSet<>();
        for (String word : argument.split(" ", -1)) {
            int equals = word.indexOf('=');
            String key = equals < 0 ? "" : Ascii.upper(word.substring(0, equals));
            Optional<String> value = Xtext.decode(word.substring(equals + 1));
            if (value.isEmpty() || !said.add(key)) {
                return new Malformed();
            }
            boolean unknown = value.get().equals("[UNAVAILABLE]") || value.get().equals("[TEMPUNAVAIL]");
            switch (key) {
                case "ADDR" -> {
                    address = address(value.get());
                    if (address.isEmpty()) {
                        return new Malformed();
                    }
                }
                case "NAME" -> {
                    name = unknown ? Optional.empty() : Domain.parse(value.get());
                    if (name.isEmpty() && !unknown) {
                        return new Malformed();
                    }
                }
                case "PORT" -> {
                    port = unknown ? 0 : value.get().matches("[0-9]{1,5}") ? Integer.parseInt(value.get()) : -1;
                    if (port < 0 || port > 65_535) {
                        return new Malformed();
                    }
                }
                default -> {
                    return new Malformed();
                }
            }
        }
        return address.isPresent() ? new Client(address.get(), port, name) : new Malformed();
    }

    private static Optional<byte[]> address(String text) {
        boolean six = text.length() > 5 && Ascii.equals(text.substring(0, 5), "IPV6:");
        return six ? AddressText.v6(text.substring(5)) : AddressText.v4(text);
    }
}
