package org.mailrelay.core.smtp;

import java.util.OptionalLong;
import org.mailrelay.core.mail.BodyType;
import org.mailrelay.core.mail.Domain;
import org.mailrelay.core.mail.MailParameters;
import org.mailrelay.core.mail.Mailbox;
import org.mailrelay.core.mail.Recipient;
import org.mailrelay.core.mail.ReversePath;

/// The arguments of MAIL and RCPT (RFC 5321 §4.1.1.2 and §4.1.1.3): a path directly behind `FROM:` or `TO:`, then parameters.
public sealed interface PathCommand {

    /// @param declaredSize of `SIZE=`, where given (RFC 1870 §6); compared with limits by the caller
    record Mail(ReversePath sender, OptionalLong declaredSize, MailParameters parameters) implements PathCommand {
    }

    record Rcpt(Recipient recipient) implements PathCommand {
    }

    record Refused(OurReply reply) implements PathCommand {
    }

    /// Gives [Mail] or [Refused].
    ///
    /// @param ourName completes `<postmaster>`, which may stand without a domain (RFC 5321 §4.5.1)
    static PathCommand mail(String argument, Domain ourName) {
        if (!Ascii.startsWith(argument, 0, "FROM:") || argument.length() == 5 || argument.charAt(5) != '<') {
            return new Refused(OurReplies.BAD_MAIL_SYNTAX);
        }
        return switch (PathText.read(argument, 5)) {
            case PathText.Empty(int end) -> mailParameters(argument, end, ReversePath.NULL);
            case PathText.Address(Mailbox mailbox, int end) -> mailParameters(argument, end, ReversePath.of(mailbox));
            case PathText.LocalOnly(String local, int end) when Ascii.equals(local, "POSTMASTER") ->
                    mailParameters(argument, end, ReversePath.of(new Mailbox(local, ourName)));
            case PathText.LocalOnly _, PathText.Bad _ -> new Refused(OurReplies.BAD_SENDER_ADDRESS);
            case PathText.Literal _ -> new Refused(OurReplies.SENDER_LITERAL);
            case PathText.NonAscii _ -> new Refused(OurReplies.NON_ASCII_ADDRESS);
        };
    }

    /// Gives [Rcpt] or [Refused].
    static PathCommand rcpt(String argument, Domain ourName) {
        if (!Ascii.startsWith(argument, 0, "TO:") || argument.length() == 3 || argument.charAt(3) != '<') {
            return new Refused(OurReplies.BAD_RCPT_SYNTAX);
        }
        return switch (PathText.read(argument, 3)) {
            case PathText.Address(Mailbox mailbox, int end) -> rcptParameters(argument, end, mailbox);
            case PathText.LocalOnly(String local, int end) when Ascii.equals(local, "POSTMASTER") ->
                    rcptParameters(argument, end, new Mailbox(local, ourName));
            case PathText.Empty _, PathText.LocalOnly _, PathText.Bad _ -> new Refused(OurReplies.BAD_RECIPIENT_ADDRESS);
            case PathText.Literal _ -> new Refused(OurReplies.RECIPIENT_LITERAL);
            case PathText.NonAscii _ -> new Refused(OurReplies.NON_ASCII_ADDRESS);
        };
    }

    private static PathCommand mailParameters(String argument, int from, ReversePath sender) {
        OptionalLong size = OptionalLong.empty();
        BodyType body = BodyType.SEVEN_BIT;
        boolean bodySeen = false;
        int at = from;
        while (at < argument.length()) {
            int end = parameterEnd(argument, at);
            if (end < 0) {
                return new Refused(OurReplies.BAD_MAIL_SYNTAX);
            }
            String parameter = argument.substring(at + 1, end);
            if (Ascii.startsWith(parameter, 0, "SIZE=")) {
                if (size.isPresent()) {
                    return new Refused(OurReplies.DUPLICATE_PARAMETER);
                }
                size = Numbers.size(parameter.substring(5));
                if (size.isEmpty()) {
                    return new Refused(OurReplies.BAD_PARAMETER);
                }
            } else if (Ascii.startsWith(parameter, 0, "BODY=")) {
                if (bodySeen) {
                    return new Refused(OurReplies.DUPLICATE_PARAMETER);
                }
                bodySeen = true;
                if (Ascii.equals(parameter, "BODY=8BITMIME")) {
                    body = BodyType.EIGHT_BIT_MIME;
                } else if (!Ascii.equals(parameter, "BODY=7BIT")) {
                    return new Refused(OurReplies.BAD_PARAMETER);
                }
            } else {
                boolean valueMissing = Ascii.equals(parameter, "SIZE") || Ascii.equals(parameter, "BODY");
                return new Refused(valueMissing ? OurReplies.BAD_PARAMETER : OurReplies.UNKNOWN_PARAMETER);
            }
            at = end;
        }
        return new Mail(sender, size, MailParameters.of(body));
    }

    /// No extension that we offer gives RCPT a parameter.
    private static PathCommand rcptParameters(String argument, int from, Mailbox recipient) {
        if (from == argument.length()) {
            return new Rcpt(Recipient.of(recipient));
        }
        return new Refused(parameterEnd(argument, from) < 0 ? OurReplies.BAD_RCPT_SYNTAX : OurReplies.UNKNOWN_PARAMETER);
    }

    /// Where SP keyword [ "=" value ] ends; -1 when it is not of that form (RFC 5321 §4.1.2, esmtp-param).
    private static int parameterEnd(String argument, int from) {
        if (argument.charAt(from) != ' ') {
            return -1;
        }
        int at = from + 1;
        while (at < argument.length() && argument.charAt(at) != ' ') {
            if (argument.charAt(at) < 0x21 || argument.charAt(at) > 0x7e) {
                return -1;
            }
            at++;
        }
        return at > from + 1 && Ascii.isLetterOrDigit(argument.charAt(from + 1)) ? at : -1;
    }
}
