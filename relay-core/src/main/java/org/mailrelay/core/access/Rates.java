package org.mailrelay.core.access;

import java.util.Optional;

/// How much may come in time under a mail flow policy.
///
/// @param scope       whom the figures are for
/// @param connections new ones
/// @param messages    MAIL
/// @param recipients  RCPT
/// @param octets      of messages taken; who is over it waits before the next message
/// @param ofSender    messages of one envelope sender, whoever brings them
public record Rates(Scope scope, Optional<Rate> connections, Optional<Rate> messages, Optional<Rate> recipients, Optional<Rate> octets, Optional<Rate> ofSender) {

    public static final Rates NONE = new Rates(Scope.CLIENT, Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty());

    public enum Scope {
        /// Each user that has authenticated, each address otherwise.
        CLIENT,
        /// Each address, whoever has authenticated from there.
        ADDRESS,
        /// All clients of a sender group together.
        GROUP
    }
}
