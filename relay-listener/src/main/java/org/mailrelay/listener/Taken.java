package org.mailrelay.listener;

import java.util.Optional;
import org.mailrelay.core.dkim.MailSigning;
import org.mailrelay.core.mail.Content;
import org.mailrelay.core.mail.MailParameters;
import org.mailrelay.core.mail.Mid;
import org.mailrelay.queue.Body;

/// A message's content that has come whole, on its way into the spool.
///
/// @param content of it alone: our own fields are not in its size
/// @param signing has seen all of `body`
record Taken(Mid mid, MailParameters parameters, Content content, Body body, Optional<MailSigning.Pass> signing) {

    /// @param prologue octets of our own fields
    Content under(int prologue) {
        return new Content(content.trueSize() + prologue, content.stuffedDots(), content.eightBit(), content.subject(), content.messageId(), content.tlsRequiredNo());
    }
}
