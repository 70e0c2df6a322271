package org.mailrelay.core.smtp;

import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.format.DateTimeParseException;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.regex.Pattern;
import org.mailrelay.core.mail.BodyType;
import org.mailrelay.core.mail.DeliverBy;
import org.mailrelay.core.mail.Domain;
import org.mailrelay.core.mail.MailParameters;
import org.mailrelay.core.mail.Mailbox;
import org.mailrelay.core.mail.Recipient;
import org.mailrelay.core.mail.ReversePath;

/// The arguments of MAIL and RCPT (RFC 5321 §4.1.1.2 and §4.1.1.3): a path directly behind `FROM:` or `TO:`, then parameters.
public sealed interface PathCommand {

    /// What MAIL may say (RFC 1870 §6, RFC 6152 §2, RFC 3030 §3, RFC 3461 §4.3 and §4.4, RFC 6531 §3.4, RFC 2852 §4, RFC 8689 §4.1, RFC 4954 §5,
    /// RFC 4865 §3).
    Set<String> MAIL_KEYWORDS = Set.of("SIZE", "BODY", "RET", "ENVID", "SMTPUTF8", "BY", "REQUIRETLS", "AUTH", "HOLDFOR", "HOLDUNTIL");
    Pattern DATE_TIME = Pattern.compile("[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt][0-9]{2}:[0-9]{2}:[0-9]{2}(\\.[0-9]{1,9})?([Zz]|[+-][0-9]{2}:[0-9]{2})");

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
    /// @param now       what `BY=` and `HOLDFOR=` count from
    /// @param longestHold for FUTURERELEASE; zero: it is not offered
    record Place(Domain ourName, boolean encrypted, boolean auth, Instant now, Duration longestHold) {

        boolean knows(String keyword) {
            return switch (keyword) {
                case "AUTH" -> auth;
                case "HOLDFOR", "HOLDUNTIL" -> !longestHold.isZero();
                default -> MAIL_KEYWORDS.contains(keyword);
            };
        }
    }

    /// In the clear and without AUTH, at the beginning of time.
    static PathCommand mail(String argument, Domain ourName) {
        return mail(argument, new Place(ourName, false, false, Instant.EPOCH, Duration.ZERO));
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
                    if (!place.knows(each.keyword())) {
                        yield new Refused(OurReplies.UNKNOWN_PARAMETER);
                    }
                    size = each.keyword().equals("SIZE") ? Numbers.size(each.value()) : size;
                    if (each.keyword().equals("REQUIRETLS") && !place.encrypted()) {
                        yield new Refused(OurReplies.REQUIRETLS_NEEDS_TLS);   // RFC 8689 §4.1
                    }
                    Optional<MailParameters> more = said(said, each, place);
                    if (more.isEmpty()) {
                        yield new Refused(OurReplies.BAD_PARAMETER);
                    }
                    said = more.get();
                }
                yield new Mail(sender, size, fromRelease(said, place.now()));
            }
        };
    }

    /// What is to be delivered within a time has that time from when it may be delivered at all.
    private static MailParameters fromRelease(MailParameters said, Instant now) {
        Optional<Duration> held = said.holdUntil().map(until -> Duration.between(now, until)).filter(Duration::isPositive);
        return held.isEmpty() || said.deliverBy().isEmpty() ? said
                : said.withDeliverBy(new DeliverBy(said.deliverBy().get().deadline().plus(held.get()), said.deliverBy().get().mode(), said.deliverBy().get().trace()));
    }

    /// Empty for a bad value.
    private static Optional<MailParameters> said(MailParameters said, Parameters.Parameter parameter, Place place) {
        String value = parameter.value();
        return switch (parameter.keyword()) {
            case "SIZE" -> Numbers.size(value).isPresent() ? Optional.of(said) : Optional.empty();
            case "BODY" -> body(value).map(said::withBody);
            case "RET" -> DsnText.readReturned(value).map(said::withReturned);
            case "ENVID" -> DsnText.readEnvelopeId(value).map(said::withEnvelopeId);
            case "SMTPUTF8" -> value.isEmpty() ? Optional.of(said.withSmtpUtf8(true)) : Optional.empty();
            case "REQUIRETLS" -> value.isEmpty() ? Optional.of(said.withRequireTls(true)) : Optional.empty();
            case "BY" -> deliverBy(value, place.now()).map(said::withDeliverBy);
            case "HOLDFOR" -> said.holdUntil().isPresent() ? Optional.empty() : holdFor(value, place).map(said::withHoldUntil);
            case "HOLDUNTIL" -> said.holdUntil().isPresent() ? Optional.empty() : holdUntil(value, place).map(said::withHoldUntil);
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

    /// `1*9DIGIT` seconds, no longer than is offered (RFC 4865 §3).
    private static Optional<Instant> holdFor(String value, Place place) {
        OptionalLong seconds = value.length() > 9 ? OptionalLong.empty() : Numbers.size(value);
        return seconds.isEmpty() || seconds.getAsLong() == 0 ? Optional.empty() : within(place.now().plusSeconds(seconds.getAsLong()), place);
    }

    /// A date and time of RFC 3339 §5.6. One that is past holds nothing.
    private static Optional<Instant> holdUntil(String value, Place place) {
        if (!DATE_TIME.matcher(value).matches()) {
            return Optional.empty();
        }
        try {
            return within(OffsetDateTime.parse(Ascii.upper(value)).toInstant(), place);
        } catch (DateTimeParseException noSuchTime) {
            return Optional.empty();
        }
    }

    private static Optional<Instant> within(Instant until, Place place) {
        return until.isAfter(place.now().plus(place.longestHold())) ? Optional.empty() : Optional.of(until);
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
