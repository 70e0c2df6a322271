package org.mailrelay.core.smtp;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import org.mailrelay.core.mail.BodyType;
import org.mailrelay.core.mail.DeliverBy;
import org.mailrelay.core.mail.Domain;
import org.mailrelay.core.mail.MailParameters;
import org.mailrelay.core.mail.Mailbox;
import org.mailrelay.core.mail.Recipient;
import org.mailrelay.core.mail.ReversePath;

/// The arguments of MAIL and RCPT (RFC 5321 §4.1.1.2 and §4.1.1.3): a path directly behind `FROM:` or `TO:`, then parameters.
public sealed interface PathCommand {

    /// What MAIL may say (RFC 1870 §6, RFC 6152 §2, RFC 3030 §3, RFC 3461 §4.3 and §4.4, RFC 6531 §3.4, RFC 2852 §4, RFC 8689 §4.1, RFC 4954 §5).
    Set<String> MAIL_KEYWORDS = Set.of("SIZE", "BODY", "RET", "ENVID", "SMTPUTF8", "BY", "REQUIRETLS", "AUTH");
    /// What RCPT may say (RFC 3461 §4.1 and §4.2).
    Set<String> RCPT_KEYWORDS = Set.of("NOTIFY", "ORCPT");

    /// @param declaredSize of `SIZE=`, where given (RFC 1870 §6); compared with limits by the caller
    record Mail(ReversePath sender, OptionalLong declaredSize, MailParameters parameters) implements PathCommand {
    }

    record Rcpt(Recipient recipient) implements PathCommand {
    }

    record Refused(OurReply reply) implements PathCommand {
    }

    /// Where MAIL is said.
    ///
    /// @param ourName   completes `<postmaster>`, which may stand without a domain (RFC 5321 §4.5.1)
    /// @param encrypted inside TLS, where REQUIRETLS is offered
    /// @param auth      AUTH is offered on this connection, or was
    /// @param now       what `BY=` counts from
    record Place(Domain ourName, boolean encrypted, boolean auth, Instant now) {
    }

    /// In the clear and without AUTH, at the beginning of time.
    static PathCommand mail(String argument, Domain ourName) {
        return mail(argument, new Place(ourName, false, false, Instant.EPOCH));
    }

    /// Gives [Mail] or [Refused].
    static PathCommand mail(String argument, Place place) {
        if (!Ascii.startsWith(argument, 0, "FROM:") || argument.length() == 5 || argument.charAt(5) != '<') {
            return new Refused(OurReplies.BAD_MAIL_SYNTAX);
        }
        return switch (PathText.read(argument, 5)) {
            case PathText.Empty(int end) -> mailParameters(argument, end, ReversePath.NULL, place);
            case PathText.Address(Mailbox mailbox, int end, boolean international) -> {
                PathCommand read = mailParameters(argument, end, ReversePath.of(mailbox), place);
                // RFC 6531 §3.4: such an address needs the parameter.
                yield international && read instanceof Mail mail && !mail.parameters().smtpUtf8() ? new Refused(OurReplies.NON_ASCII_ADDRESS) : read;
            }
            case PathText.LocalOnly(String local, int end) when Ascii.equals(local, "POSTMASTER") ->
                    mailParameters(argument, end, ReversePath.of(new Mailbox(local, place.ourName())), place);
            case PathText.LocalOnly _, PathText.Bad _ -> new Refused(OurReplies.BAD_SENDER_ADDRESS);
            case PathText.Literal _ -> new Refused(OurReplies.SENDER_LITERAL);
            case PathText.NonAscii _ -> new Refused(OurReplies.NON_ASCII_ADDRESS);
        };
    }

    /// Without SMTPUTF8.
    static PathCommand rcpt(String argument, Domain ourName) {
        return rcpt(argument, ourName, false);
    }

    /// Gives [Rcpt] or [Refused].
    ///
    /// @param smtpUtf8 MAIL said SMTPUTF8
    static PathCommand rcpt(String argument, Domain ourName, boolean smtpUtf8) {
        if (!Ascii.startsWith(argument, 0, "TO:") || argument.length() == 3 || argument.charAt(3) != '<') {
            return new Refused(OurReplies.BAD_RCPT_SYNTAX);
        }
        return switch (PathText.read(argument, 3)) {
            case PathText.Address(Mailbox _, int _, boolean international) when international && !smtpUtf8 -> new Refused(OurReplies.NON_ASCII_ADDRESS);
            case PathText.Address(Mailbox mailbox, int end, boolean _) -> rcptParameters(argument, end, mailbox);
            case PathText.LocalOnly(String local, int end) when Ascii.equals(local, "POSTMASTER") ->
                    rcptParameters(argument, end, new Mailbox(local, ourName));
            case PathText.Empty _, PathText.LocalOnly _, PathText.Bad _ -> new Refused(OurReplies.BAD_RECIPIENT_ADDRESS);
            case PathText.Literal _ -> new Refused(OurReplies.RECIPIENT_LITERAL);
            case PathText.NonAscii _ -> new Refused(OurReplies.NON_ASCII_ADDRESS);
        };
    }

    private static PathCommand mailParameters(String argument, int from, ReversePath sender, Place place) {
        return switch (Parameters.read(argument, from)) {
            case Parameters.Malformed _ -> new Refused(OurReplies.BAD_MAIL_SYNTAX);
            case Parameters.Repeated _ -> new Refused(OurReplies.DUPLICATE_PARAMETER);
            case Parameters.Given(List<Parameters.Parameter> given) -> {
                OptionalLong size = OptionalLong.empty();
                MailParameters said = MailParameters.NONE;
                for (Parameters.Parameter each : given) {
                    if (!MAIL_KEYWORDS.contains(each.keyword()) || each.keyword().equals("AUTH") && !place.auth()) {
                        yield new Refused(OurReplies.UNKNOWN_PARAMETER);
                    }
                    size = each.keyword().equals("SIZE") ? Numbers.size(each.value()) : size;
                    if (each.keyword().equals("REQUIRETLS") && !place.encrypted()) {
                        yield new Refused(OurReplies.REQUIRETLS_NEEDS_TLS);   // RFC 8689 §4.1
                    }
                    Optional<MailParameters> more = said(said, each, place.now());
                    if (more.isEmpty()) {
                        yield new Refused(OurReplies.BAD_PARAMETER);
                    }
                    said = more.get();
                }
                yield new Mail(sender, size, said);
            }
        };
    }

    /// Empty for a bad value.
    private static Optional<MailParameters> said(MailParameters said, Parameters.Parameter parameter, Instant now) {
        String value = parameter.value();
        return switch (parameter.keyword()) {
            case "SIZE" -> Numbers.size(value).isPresent() ? Optional.of(said) : Optional.empty();
            case "BODY" -> body(value).map(said::withBody);
            case "RET" -> DsnText.readReturned(value).map(said::withReturned);
            case "ENVID" -> DsnText.readEnvelopeId(value).map(said::withEnvelopeId);
            case "SMTPUTF8" -> value.isEmpty() ? Optional.of(said.withSmtpUtf8(true)) : Optional.empty();
            case "REQUIRETLS" -> value.isEmpty() ? Optional.of(said.withRequireTls(true)) : Optional.empty();
            case "BY" -> deliverBy(value, now).map(said::withDeliverBy);
            case "AUTH" -> value.equals("<>") || Xtext.decode(value).isPresent() ? Optional.of(said) : Optional.empty();   // trusted from nobody (RFC 4954 §5)
            default -> throw new IllegalStateException("a keyword that is not of MAIL: " + parameter.keyword());
        };
    }

    private static Optional<BodyType> body(String value) {
        return Ascii.equals(value, "7BIT") ? Optional.of(BodyType.SEVEN_BIT) : Ascii.equals(value, "8BITMIME") ? Optional.of(BodyType.EIGHT_BIT_MIME)
                : Ascii.equals(value, "BINARYMIME") ? Optional.of(BodyType.BINARY_MIME) : Optional.empty();
    }

    /// `["-"] 1*9DIGIT ";" ( "R" / "N" ) [ "T" ]` (RFC 2852 §4)
    private static Optional<DeliverBy> deliverBy(String value, Instant now) {
        int semicolon = value.indexOf(';');
        boolean minus = value.startsWith("-");
        String digits = semicolon < 0 ? "" : value.substring(minus ? 1 : 0, semicolon);
        String how = Ascii.upper(value.substring(semicolon + 1));
        OptionalLong seconds = digits.length() > 9 ? OptionalLong.empty() : Numbers.size(digits);
        if (seconds.isEmpty() || !Set.of("R", "N", "RT", "NT").contains(how)) {
            return Optional.empty();
        }
        Instant deadline = now.plusSeconds(minus ? -seconds.getAsLong() : seconds.getAsLong());
        return Optional.of(new DeliverBy(deadline, how.startsWith("R") ? DeliverBy.Mode.RETURN : DeliverBy.Mode.NOTIFY, how.endsWith("T")));
    }

    private static PathCommand rcptParameters(String argument, int from, Mailbox mailbox) {
        return switch (Parameters.read(argument, from)) {
            case Parameters.Malformed _ -> new Refused(OurReplies.BAD_RCPT_SYNTAX);
            case Parameters.Repeated _ -> new Refused(OurReplies.DUPLICATE_PARAMETER);
            case Parameters.Given(List<Parameters.Parameter> given) -> {
                Recipient recipient = Recipient.of(mailbox);
                for (Parameters.Parameter each : given) {
                    if (!RCPT_KEYWORDS.contains(each.keyword())) {
                        yield new Refused(OurReplies.UNKNOWN_PARAMETER);
                    }
                    Optional<Recipient> more = said(recipient, each);
                    if (more.isEmpty()) {
                        yield new Refused(OurReplies.BAD_PARAMETER);
                    }
                    recipient = more.get();
                }
                yield new Rcpt(recipient);
            }
        };
    }

    private static Optional<Recipient> said(Recipient said, Parameters.Parameter parameter) {
        return switch (parameter.keyword()) {
            case "NOTIFY" -> DsnText.readNotify(parameter.value()).map(notice -> new Recipient(said.mailbox(), notice, said.original()));
            case "ORCPT" -> DsnText.readOriginal(parameter.value()).map(original -> new Recipient(said.mailbox(), said.notice(), Optional.of(original)));
            default -> throw new IllegalStateException("a keyword that is not of RCPT: " + parameter.keyword());
        };
    }
}
