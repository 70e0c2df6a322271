package org.mailrelay.listener;

import org.mailrelay.core.smtp.OurReply;

/// What a command makes the connection do.
sealed interface Reaction {

    record Answer(OurReply reply) implements Reaction {}

    /// Answer and take the octets that follow as content.
    record TakeContent(OurReply reply) implements Reaction {}

    record StartTls(OurReply reply) implements Reaction {}

    /// Answer and close.
    record Leave(OurReply reply) implements Reaction {}
}
