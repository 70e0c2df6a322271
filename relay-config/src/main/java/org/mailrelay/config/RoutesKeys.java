package org.mailrelay.config;

import java.util.List;

/// The keys of `routes.yaml`.
final class RoutesKeys {

    static final List<ConfigKey> ALL = List.of(
            new ConfigKey("host.host", "host name, address, USEDNS, /dev/null", "must be set", "Where mail goes."),
            new ConfigKey("host.port", "1 to 65535", "25, or 465 with implicit_tls", "Port of the host."),
            new ConfigKey("host.priority", "0 to 65535", "0", "0 is the best; equal ones share by connection."),
            new ConfigKey("host.mx", "true, false", "true", "Whether the name's MX is looked up before its address."),
            new ConfigKey("host.implicit_tls", "true, false", "false", "TLS from the first octet."),
            new ConfigKey("host.tls", "none, preferred, required", "", "Raises the level for what goes this way."),
            new ConfigKey("host.auth", "name", "", "Entry of auth to log in as."),
            new ConfigKey("identity.user", "text", "must be set", "User name."),
            new ConfigKey("identity.password_file", "path", "", "File that holds the password."),
            new ConfigKey("identity.password", "text", "", "The password, as `${env:NAME}`."));

    private RoutesKeys() {
    }
}
