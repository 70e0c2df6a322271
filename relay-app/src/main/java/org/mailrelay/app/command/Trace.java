package org.mailrelay.app.command;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import org.mailrelay.core.access.AccessDecision;
import org.mailrelay.core.access.AccessRules;
import org.mailrelay.core.access.AddressBlock;
import org.mailrelay.core.access.Banner;
import org.mailrelay.core.access.ClientCertificate;
import org.mailrelay.core.access.MailFlowPolicy;
import org.mailrelay.core.access.MailFlowPolicy.InboundTls;
import org.mailrelay.core.access.PeerFacts;
import org.mailrelay.core.access.SenderPattern;
import org.mailrelay.core.header.Hygiene;
import org.mailrelay.core.mail.Domain;
import org.mailrelay.core.mail.Mailbox;
import org.mailrelay.core.mail.ReversePath;
import org.mailrelay.core.settings.RelaySettings;
import org.mailrelay.core.settings.Settings;
import org.mailrelay.core.smtp.OurReplies;
import org.mailrelay.core.smtp.PathCommand;
import org.mailrelay.listener.auth.UserFile;

/// What would become of a connection, in the order in which a listener decides: on arrival, behind the handshake, behind AUTH, then each command.
final class Trace {

    /// @param arrived     what is known when the client connects
    /// @param clear       the client starts no TLS, though it may
    /// @param user        who it would authenticate as
    /// @param certificate what it would show where it is asked
    /// @param size        octets that MAIL declares
    record Question(PeerFacts arrived, boolean clear, Optional<String> user, Optional<ClientCertificate> certificate, String from, List<String> to, OptionalLong size) {}

    private final Settings settings;
    private final Question question;
    private final RelaySettings.Listener listener;
    private final List<String> out = new ArrayList<>();
    private boolean encrypted;

    private Trace(Settings settings, Question question) {
        this.settings = settings;
        this.question = question;
        this.listener = settings.relay().listeners().stream().filter(each -> each.name().equals(question.arrived().listener())).findFirst().orElseThrow();
    }

    static List<String> lines(Settings settings, Question question) {
        Trace trace = new Trace(settings, question);
        trace.run();
        return trace.out;
    }

    private void row(String what, String value) {
        out.add(String.format("%-15s %s", what, value));
    }

    private void run() {
        row("listener", listener.name());
        AccessDecision arrival = AccessRules.decide(question.arrived(), settings.senderGroups());
        Optional<MailFlowPolicy> first = policy(arrival);
        if (first.isEmpty()) {
            group(arrival);
            row("connection", arrival instanceof AccessDecision.TcpRefuse ? "closed without a word" : OurReplies.ACCESS_REJECTED.toString());
            return;
        }
        row("greeting", greeting(first.get(), arrival.group()));
        tls(first.get());
        PeerFacts facts = authenticated(certified(question.arrived(), first.get()), first.get());
        AccessDecision decision = AccessRules.decide(facts, settings.senderGroups());
        group(decision);
        Optional<MailFlowPolicy> policy = policy(decision);
        if (policy.isEmpty()) {
            row("connection", OurReplies.ACCESS_REJECTED.toString());
            return;
        }
        describe(policy.get(), facts, decision.group());
        transaction(policy.get(), facts);
        content(policy.get());
        policy.get().deliveryTls().ifPresent(level -> row("delivery tls", "at least " + level));
    }

    private void group(AccessDecision decision) {
        settings.senderGroups().stream().filter(group -> group.name().equals(decision.group())).findFirst().ifPresentOrElse(
                group -> row("sender group", group.name() + " (" + group.position() + "), match " + decision.match()), () -> row("sender group", "none"));
    }

    private static Optional<MailFlowPolicy> policy(AccessDecision decision) {
        return switch (decision) {
            case AccessDecision.Relay relay -> Optional.of(relay.policy());
            case AccessDecision.Accept accept -> Optional.of(accept.policy());
            case AccessDecision.Reject _, AccessDecision.TcpRefuse _ -> Optional.empty();
        };
    }

    private String address() {
        return AddressBlock.single(question.arrived().address()).toString();
    }

    private String greeting(MailFlowPolicy policy, String group) {
        Domain ourName = settings.relay().hostname();
        String text = policy.banner().map(banner -> Banner.text(banner, Map.of("hostname", ourName.name(), "listener", listener.name(), "address",
                address(), "group", group, "icid", "{icid}"))).orElse("");
        return (text.isEmpty() ? OurReplies.banner(ourName) : OurReplies.banner(ourName, text))
                + (policy.earlyTalkers() == MailFlowPolicy.EarlyTalkers.REFUSE ? ", to a client that has waited for it; else " + OurReplies.EARLY_TALKER : "");
    }

    private void tls(MailFlowPolicy policy) {
        boolean implicit = listener.implicitTls() && listener.tls().isPresent();
        boolean offered = implicit || listener.tls().isPresent() && policy.tls() != InboundTls.OFF;
        encrypted = implicit || offered && !question.clear();
        row("tls", implicit ? "from the first octet" : !offered ? "not offered" + (listener.tls().isEmpty() ? ": the listener has no certificate" : "")
                : encrypted ? "started" : "offered, and not started");
    }

    /// As the listener does: what the client shows counts where the policy that its connection begins with asks for it.
    private PeerFacts certified(PeerFacts facts, MailFlowPolicy first) {
        if (question.certificate().isEmpty()) {
            return facts;
        }
        if (!encrypted || first.identity().verifyClient() == MailFlowPolicy.VerifyClient.OFF) {
            row("certificate", "not asked for" + (encrypted ? "" : " without TLS"));
            return facts;
        }
        PeerFacts shown = AccessRules.certified(facts, question.certificate().get(), settings.senderGroups(), settings.authSources().certificates());
        row("certificate", !shown.certified() ? "counts for nothing" : "counts" + shown.user().map(name -> ", user " + name).orElse(""));
        return shown;
    }

    private PeerFacts authenticated(PeerFacts facts, MailFlowPolicy first) {
        if (question.user().isEmpty()) {
            return facts;
        }
        MailFlowPolicy policy = policy(AccessRules.decide(facts, settings.senderGroups())).orElse(first);   // a certificate may have changed it
        MailFlowPolicy.Identity identity = policy.identity();
        String refusal = identity.auth() == MailFlowPolicy.Auth.OFF ? OurReplies.COMMAND_NOT_OFFERED + " (policy " + policy.name() + " has auth off)"
                : !settings.authSources().any() ? OurReplies.COMMAND_NOT_OFFERED + " (access.yaml has no authentication)"
                : !encrypted && policy.tls() == InboundTls.REQUIRED ? OurReplies.TLS_FIRST.toString()
                : !encrypted && !identity.authInTheClear() ? OurReplies.AUTH_NEEDS_TLS.toString() : "";
        row("AUTH", refusal.isEmpty() ? OurReplies.AUTHENTICATED + ", as " + question.user().get() : refusal);
        return refusal.isEmpty() ? facts.withUser(question.user().get()) : facts;
    }

    private void describe(MailFlowPolicy policy, PeerFacts facts, String group) {
        row("policy", policy.name() + ": " + policy.access() + ", tls " + word(policy.tls()) + ", auth " + word(policy.identity().auth()) + ", verify_client " + word(policy.identity().verifyClient()));
        MailFlowPolicy.Limits limits = policy.limits();
        row("limits", limits.messageSize() + " octets, " + limits.recipientsPerMessage() + " recipients a message, " + limits.messagesPerConnection() + " messages a connection, "
                + limits.connections() + " connections" + (limits.hold().isZero() ? "" : ", held for " + limits.hold().toSeconds() + " s at most"));
        rates(policy).ifPresent(rates -> row("rates", rates + ", for " + switch (policy.rates().scope()) {
            case GROUP -> "the group " + group;
            case ADDRESS -> "the address " + AddressBlock.ofClient(facts.address());
            case CLIENT -> facts.user().map(name -> "the user " + name).orElse("the address " + AddressBlock.ofClient(facts.address()));
        }));
    }

    private static Optional<String> rates(MailFlowPolicy policy) {
        List<String> all = new ArrayList<>();
        policy.rates().connections().ifPresent(rate -> all.add("connections " + rate));
        policy.rates().messages().ifPresent(rate -> all.add("messages " + rate));
        policy.rates().recipients().ifPresent(rate -> all.add("recipients " + rate));
        policy.rates().octets().ifPresent(rate -> all.add("octets " + rate));
        policy.rates().ofSender().ifPresent(rate -> all.add("messages of one sender " + rate));
        return all.isEmpty() ? Optional.empty() : Optional.of(String.join(", ", all));
    }

    private void transaction(MailFlowPolicy policy, PeerFacts facts) {
        String command = "MAIL FROM:<" + question.from() + ">";
        boolean utf8 = question.from().chars().anyMatch(c -> c > 0x7f) || question.to().stream().anyMatch(to -> to.chars().anyMatch(c -> c > 0x7f));
        Domain ourName = settings.relay().hostname();
        PathCommand mail = PathCommand.mail("FROM:<" + octets(question.from()) + ">" + (utf8 ? " SMTPUTF8" : ""), new PathCommand.Place(ourName, encrypted,
                settings.authSources().any(), Instant.EPOCH, policy.limits().hold()));
        Optional<String> refusal = refusal(policy, facts, mail);
        if (refusal.isPresent()) {
            row(command, refusal.get());
            return;
        }
        ReversePath given = ((PathCommand.Mail) mail).sender();
        ReversePath sender = policy.hygiene().masquerade().map(masquerade -> masquerade.of(given)).orElse(given);
        row(command, OurReplies.senderOk(given).toString());
        policy.hygiene().masquerade().ifPresent(masquerade -> row("leaves from", sender + " (masquerade " + masquerade.name() + ")"));
        int taken = 0;
        List<String> domains = new ArrayList<>();
        for (String recipient : question.to()) {
            String answer = recipient(recipient, facts, policy, ourName, taken, utf8);
            taken += answer.startsWith("250") ? 1 : 0;
            Optional<String> other = alias(policy, recipient);
            row("RCPT TO:<" + recipient + ">", answer + other.map(address -> ", for <" + address + ">").orElse(""));
            domains.add(other.orElse(recipient));
        }
        domains.stream().flatMap(recipient -> Domain.parse(recipient.substring(recipient.lastIndexOf('@') + 1)).stream()).distinct().forEach(domain ->
                row("gateway", settings.sources().gateway(domain, settings.sources().preferred(sender, policy.name())).name() + " to " + domain));
    }

    private static Optional<String> alias(MailFlowPolicy policy, String recipient) {
        try {
            Mailbox mailbox = Mailbox.of(recipient);
            return policy.hygiene().aliases().flatMap(aliases -> aliases.of(mailbox)).map(Mailbox::toString);
        } catch (IllegalArgumentException malformed) {
            return Optional.empty();
        }
    }

    /// In the order in which the listener looks.
    private Optional<String> refusal(MailFlowPolicy policy, PeerFacts facts, PathCommand mail) {
        if (policy.tls() == InboundTls.REQUIRED && !encrypted) {
            return Optional.of(OurReplies.TLS_FIRST.toString());
        }
        if (policy.identity().auth() == MailFlowPolicy.Auth.REQUIRED && !facts.named()) {
            return Optional.of(OurReplies.AUTH_FIRST.toString());
        }
        if (policy.identity().verifyClient() == MailFlowPolicy.VerifyClient.REQUIRED && !facts.certified()) {
            return Optional.of(OurReplies.CERTIFICATE_FIRST.toString());
        }
        return switch (mail) {
            case PathCommand.Refused refused -> Optional.of(refused.reply().toString());
            case PathCommand.Rcpt _ -> throw new IllegalStateException("RCPT out of MAIL");
            case PathCommand.Mail given when policy.allowedSenders().filter(patterns -> !SenderPattern.allow(patterns, given.sender())).isPresent() -> Optional.of(OurReplies.SENDER_NOT_ALLOWED.toString());
            case PathCommand.Mail given when !mayUserSendAs(facts, given.sender()) -> Optional.of(OurReplies.SENDER_NOT_ALLOWED + " (by the senders of user " + facts.user().orElse("") + ")");
            case PathCommand.Mail _ when question.size().orElse(0) > policy.limits().messageSize() -> Optional.of(OurReplies.TOO_LARGE.toString());
            case PathCommand.Mail _ -> Optional.empty();
        };
    }

    private boolean mayUserSendAs(PeerFacts facts, ReversePath sender) {
        if (facts.user().isEmpty() || settings.authSources().users().isEmpty()) {
            return true;
        }
        try {
            List<SenderPattern> own = UserFile.read(settings.authSources().users().get()).senders(facts.user().get()).stream().flatMap(text -> SenderPattern.parse(text).stream()).toList();
            return own.isEmpty() || SenderPattern.allow(own, sender);
        } catch (IOException unreadable) {
            row("users", unreadable.getMessage() + ": what the user may send as is not known");
            return true;
        }
    }

    private static String recipient(String text, PeerFacts facts, MailFlowPolicy policy, Domain ourName, int taken, boolean utf8) {
        return (switch (PathCommand.rcpt("TO:<" + octets(text) + ">", ourName, utf8)) {
            case PathCommand.Refused refused -> refused.reply();
            case PathCommand.Mail _ -> throw new IllegalStateException("MAIL out of RCPT");
            case PathCommand.Rcpt _ when !policy.relays(facts.named(), facts.certified()) -> OurReplies.RELAYING_DENIED;
            case PathCommand.Rcpt _ when taken >= policy.limits().recipientsPerMessage() -> OurReplies.TOO_MANY_RECIPIENTS;
            case PathCommand.Rcpt given -> OurReplies.recipientOk(given.recipient().mailbox());
        }).toString();
    }

    /// As it crosses the wire.
    private static String octets(String address) {
        return new String(address.getBytes(StandardCharsets.UTF_8), StandardCharsets.ISO_8859_1);
    }

    private void content(MailFlowPolicy policy) {
        Hygiene hygiene = policy.hygiene();
        Hygiene.ContentLimits limits = hygiene.limits();
        List<String> all = new ArrayList<>();
        all.add("Received " + (policy.receivedHeader() ? "added" : "not added"));
        all.add("missing Date and Message-ID " + (hygiene.addMissingFields() ? "added" : "left out"));
        all.add("Bcc " + (hygiene.removeBcc() ? "taken out" : "kept"));
        all.add("bare line ends " + (policy.bareLineEndings() == MailFlowPolicy.BareLineEndings.NORMALISE ? "mended" : "refused"));
        all.add("long lines " + (hygiene.longLines() == Hygiene.LongLines.ENCODE ? "encoded" : "passed") + (limits.lineOctets() == Long.MAX_VALUE ? "" : ", over " + limits.lineOctets() + " octets refused"));
        all.add("a loop at " + limits.receivedFields() + " Received fields" + (limits.headerOctets() == Long.MAX_VALUE ? "" : ", a header of " + limits.headerOctets() + " octets at most"));
        row("content", String.join("; ", all));
    }

    private static String word(Enum<?> value) {
        return value.name().toLowerCase(Locale.ROOT);
    }
}
