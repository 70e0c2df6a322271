package org.mailrelay.core.smtp;

import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import org.mailrelay.core.mail.Domain;
import org.mailrelay.core.mail.Mailbox;
import org.mailrelay.core.mail.Mid;
import org.mailrelay.core.mail.ReversePath;

/// Every reply that this relay gives: code, enhanced code, sentence. The ESA's wording where it is publicly attested.
public final class OurReplies {

    public static final OurReply GO_AHEAD = OurReply.plain(354, List.of("go ahead"));
    public static final OurReply RESET = OurReply.of(250, 0, 0, "reset");
    public static final OurReply NOTHING_DONE = OurReply.of(250, 0, 0, "ok");
    public static final OurReply READY_FOR_TLS = OurReply.of(220, 0, 0, "Go ahead with TLS");
    public static final OurReply CANNOT_VERIFY = OurReply.of(252, 0, 0, "cannot verify, try RCPT");

    public static final OurReply UNKNOWN_COMMAND = OurReply.of(500, 5, 1, "command not recognized");
    public static final OurReply COMMAND_NOT_OFFERED = OurReply.of(502, 5, 1, "command not implemented");
    public static final OurReply LINE_TOO_LONG = OurReply.of(500, 5, 2, "line too long");
    public static final OurReply BARE_LINE_END_IN_COMMAND = OurReply.of(500, 5, 2, "commands end in CRLF");
    public static final OurReply NO_ARGUMENT_ALLOWED = OurReply.of(501, 5, 4, "this command takes no argument");
    public static final OurReply ARGUMENT_MISSING = OurReply.of(501, 5, 4, "this command needs an argument");
    public static final OurReply BAD_CHUNK = OurReply.of(501, 5, 4, "syntax: BDAT octets [LAST]");
    public static final OurReply BAD_EHLO_NAME = OurReply.of(501, 5, 4, "the name must be a domain or an address literal");
    public static final OurReply BAD_MAIL_SYNTAX = OurReply.of(501, 5, 2, "syntax: MAIL FROM:<address>");
    public static final OurReply BAD_RCPT_SYNTAX = OurReply.of(501, 5, 2, "syntax: RCPT TO:<address>");
    public static final OurReply BAD_SENDER_ADDRESS = OurReply.of(501, 1, 7, "bad sender address syntax");
    public static final OurReply BAD_RECIPIENT_ADDRESS = OurReply.of(501, 1, 3, "bad recipient address syntax");
    public static final OurReply SENDER_LITERAL = OurReply.of(501, 1, 7, "address literals are not accepted");
    public static final OurReply RECIPIENT_LITERAL = OurReply.of(550, 1, 2, "address literals are not accepted");
    public static final OurReply NON_ASCII_ADDRESS = OurReply.of(553, 6, 7, "a non-ASCII address needs SMTPUTF8 and must be well-formed");
    public static final OurReply BAD_PARAMETER = OurReply.of(501, 5, 4, "bad parameter value");
    public static final OurReply DUPLICATE_PARAMETER = OurReply.of(501, 5, 4, "parameter given twice");
    public static final OurReply UNKNOWN_PARAMETER = OurReply.of(555, 5, 4, "parameter not recognized");

    public static final OurReply REQUIRETLS_NEEDS_TLS = OurReply.of(530, 7, 0, "REQUIRETLS is for connections with TLS");

    public static final OurReply EHLO_FIRST = OurReply.of(503, 5, 1, "EHLO first");
    public static final OurReply MAIL_FIRST = OurReply.of(503, 5, 1, "MAIL first");
    public static final OurReply RCPT_FIRST = OurReply.of(503, 5, 1, "RCPT first");
    public static final OurReply NO_VALID_RECIPIENTS = OurReply.of(554, 5, 1, "no valid recipients");
    public static final OurReply TRANSACTION_OPEN = OurReply.of(503, 5, 1, "sender already given");
    public static final OurReply CHUNKS_BEGUN = OurReply.of(503, 5, 1, "BDAT has begun");
    public static final OurReply BINARY_NEEDS_BDAT = OurReply.of(503, 5, 1, "BINARYMIME needs BDAT");
    public static final OurReply TLS_ALREADY_ON = OurReply.of(503, 5, 1, "TLS already active");
    public static final OurReply TLS_FIRST = OurReply.of(530, 7, 0, "Must issue a STARTTLS command first");
    public static final OurReply TLS_NOT_AVAILABLE = OurReply.of(454, 7, 0, "TLS not available due to temporary reason");
    public static final OurReply EARLY_TALKER = OurReply.of(554, 5, 0, "protocol synchronisation error");

    public static final OurReply AUTHENTICATED = OurReply.of(235, 7, 0, "authentication succeeded");
    public static final OurReply AUTH_REFUSED = OurReply.of(535, 7, 8, "authentication failed");
    public static final OurReply AUTH_FIRST = OurReply.of(530, 7, 0, "authentication required");
    public static final OurReply AUTH_ALREADY = OurReply.of(503, 5, 1, "already authenticated");
    public static final OurReply AUTH_IN_TRANSACTION = OurReply.of(503, 5, 1, "AUTH is not allowed in a mail transaction");
    public static final OurReply AUTH_UNKNOWN_MECHANISM = OurReply.of(504, 5, 4, "mechanism not offered");
    public static final OurReply AUTH_NEEDS_TLS = OurReply.of(538, 7, 11, "encryption required for this mechanism");
    public static final OurReply AUTH_NOT_BASE64 = OurReply.of(501, 5, 2, "cannot decode the response");
    public static final OurReply AUTH_CANCELLED = OurReply.of(501, 0, 0, "authentication cancelled");
    public static final OurReply AUTH_UNAVAILABLE = OurReply.of(454, 7, 0, "temporary authentication failure");
    public static final OurReply AUTH_TOO_MANY = OurReply.of(454, 7, 0, "too many failed authentications, try again later");
    public static final OurReply AUTH_LINE_TOO_LONG = OurReply.of(500, 5, 6, "authentication exchange line is too long");
    public static final OurReply CERTIFICATE_FIRST = OurReply.of(530, 7, 0, "a client certificate is required");

    public static final OurReply ACCESS_REJECTED = OurReply.of(554, 7, 1, "Your access to this mail system has been rejected");
    public static final OurReply RELAYING_DENIED = OurReply.of(550, 7, 1, "relaying denied");
    public static final OurReply SENDER_NOT_ALLOWED = OurReply.of(550, 7, 1, "sender address not allowed here");
    public static final OurReply TOO_MANY_CONNECTIONS = OurReply.of(421, 7, 0, "too many connections");
    public static final OurReply CONNECTIONS_TOO_FAST = OurReply.of(421, 7, 0, "too many connections of late, try again later");
    public static final OurReply TOO_MANY_MESSAGES = OurReply.of(421, 7, 0, "too many messages in one session");
    public static final OurReply TOO_MANY_RECIPIENTS = OurReply.of(452, 5, 3, "too many recipients");
    public static final OurReply RATE_EXCEEDED = OurReply.of(452, 7, 1, "rate limit reached, try again later");
    public static final OurReply TOO_MANY_ERRORS = OurReply.of(421, 7, 0, "too many errors");
    public static final OurReply NOT_SMTP = OurReply.of(421, 5, 1, "this is an SMTP server");
    public static final OurReply IDLE_TOO_LONG = OurReply.of(421, 4, 2, "timeout");
    /// An error of ours, not the client's.
    public static final OurReply FAULT = OurReply.of(421, 3, 0, "local error in processing");
    public static final OurReply SHUTTING_DOWN = OurReply.of(421, 3, 2, "shutting down");

    public static final OurReply HEADER_TOO_LARGE = OurReply.of(552, 3, 4, "header too large");
    public static final OurReply TOO_LARGE = OurReply.of(552, 3, 4, "size limit exceeded");
    public static final OurReply TEXT_LINE_TOO_LONG = OurReply.of(554, 6, 0, "a line of the message is too long");
    public static final OurReply BARE_LINE_ENDING = OurReply.of(550, 5, 2, "the message holds a bare CR, a bare LF or a NUL");
    public static final OurReply LOOP = OurReply.of(554, 4, 6, "message loop: too many Received fields");
    public static final OurReply NO_SPACE = OurReply.of(452, 3, 1, "mail system full, try again later");
    public static final OurReply NOT_SIGNED = OurReply.of(451, 7, 5, "the message cannot be signed now, try again later");
    public static final OurReply NOT_STORED = OurReply.of(452, 3, 0, "the message could not be stored, try again later");

    private OurReplies() {
    }

    /// R-SRV-1: name, no version.
    public static OurReply banner(Domain ourName) {
        return OurReply.plain(220, List.of(ourName + " ESMTP"));
    }

    /// A mail flow policy's own text takes the place of `ESMTP`; printable ASCII.
    public static OurReply banner(Domain ourName, String text) {
        return OurReply.plain(220, List.of(ourName + " " + text));
    }

    /// RFC 5321 §4.1.1.1: line 1 is our domain, each further line a keyword.
    public static OurReply ehlo(Domain ourName, List<String> keywordLines) {
        List<String> lines = new ArrayList<>(keywordLines.size() + 1);
        lines.add(ourName.name());
        lines.addAll(keywordLines);
        return OurReply.plain(250, lines);
    }

    /// RFC 5321 §3.2: one line, no extensions.
    public static OurReply helo(Domain ourName) {
        return OurReply.plain(250, List.of(ourName.name()));
    }

    public static OurReply senderOk(ReversePath sender) {
        boolean printable = sender.mailbox().filter(mailbox -> !mailbox.isAscii()).isEmpty();
        return OurReply.of(250, 1, 0, printable ? "sender " + sender + " ok" : "sender ok");
    }

    public static OurReply recipientOk(Mailbox recipient) {
        return OurReply.of(250, 1, 5, recipient.isAscii() ? "recipient <" + recipient + "> ok" : "recipient ok");
    }

    /// Only after the message is durable (R-QUE-1).
    public static OurReply accepted(Mid mid) {
        return OurReply.of(250, 0, 0, "ok: Message " + mid + " accepted");
    }

    /// RFC 4954 §4: what the mechanism asks on.
    public static OurReply challenge(byte[] octets) {
        return OurReply.plain(334, List.of(Base64.getEncoder().encodeToString(octets)));
    }

    /// RFC 3030 §2: a chunk that is not the last.
    public static OurReply chunkTaken(long octets) {
        return OurReply.of(250, 0, 0, octets + " octets received");
    }

    public static OurReply goodbye(Domain ourName) {
        return OurReply.of(221, 0, 0, ourName + " closing connection");
    }
}
