package org.mailrelay.app.command;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.mailrelay.config.ConfigLoader;
import org.mailrelay.core.access.AccessDecision;
import org.mailrelay.core.access.AccessRules;
import org.mailrelay.core.access.ClientCertificate;
import org.mailrelay.core.access.ClientCertificate.Vouched;
import org.mailrelay.core.access.MailFlowPolicy;
import org.mailrelay.core.access.PeerFacts;
import org.mailrelay.core.access.PeerPattern;
import org.mailrelay.core.access.SenderPattern;
import org.mailrelay.core.mail.AddressText;
import org.mailrelay.core.mail.Domain;
import org.mailrelay.core.mail.ReversePath;
import org.mailrelay.core.settings.RelaySettings;
import org.mailrelay.core.settings.Settings;
import org.mailrelay.core.smtp.OurReplies;
import org.mailrelay.core.smtp.PathCommand;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/// What would become of a connection, a sender and recipients.
@Command(name = "trace", description = "What would happen to a connection from an address, with a sender and recipients: sender group, policy, replies. No network.",
        mixinStandardHelpOptions = true)
final class TraceCommand implements Callable<Integer> {

    @Mixin
    private Configuration configuration = new Configuration();

    @Option(names = "--ip", required = true, paramLabel = "ADDRESS", description = "Where the client connects from.")
    private String ip = "";

    @Option(names = "--name", paramLabel = "HOST", description = "The client's host name, as if reverse and forward DNS agreed on it.")
    private Optional<String> name = Optional.empty();

    @Option(names = "--user", paramLabel = "NAME", description = "As if the client had authenticated.")
    private Optional<String> user = Optional.empty();

    @Option(names = "--listener", paramLabel = "NAME", description = "Where the client connects; without it the first listener.")
    private Optional<String> listener = Optional.empty();

    @Option(names = "--certificate", paramLabel = "NAME", description = "As if the client had shown a certificate that is vouched for: its DNS name or mail address, subject:CN=app1, or sha256:digits.")
    private Optional<String> certificate = Optional.empty();

    @Option(names = "--from", paramLabel = "ADDRESS", description = "The sender; without it the null sender.")
    private String from = "";

    @Option(names = "--to", paramLabel = "ADDRESS", description = "A recipient. May be given more than once.")
    private List<String> to = new ArrayList<>();

    @Override
    public Integer call() {
        Optional<byte[]> address = AddressText.parse(ip);
        Optional<Domain> host = name.flatMap(Domain::parse);
        if (address.isEmpty() || name.isPresent() && host.isEmpty()) {
            System.err.println("mailrelay: not an address or a host name: " + (address.isEmpty() ? ip : name.orElse("")));
            return 2;
        }
        Optional<ClientCertificate> shown = certificate.flatMap(TraceCommand::shown);
        if (certificate.isPresent() && shown.isEmpty()) {
            System.err.println("mailrelay: not a name, subject:… or sha256:… of a certificate: " + certificate.get());
            return 2;
        }
        return switch (ConfigLoader.load(configuration.folder(), configuration.overrides())) {
            case ConfigLoader.Loaded loaded -> {
                List<String> listeners = loaded.settings().relay().listeners().stream().map(RelaySettings.Listener::name).toList();
                if (listener.isPresent() && !listeners.contains(listener.get())) {
                    System.err.println("mailrelay: no listener is called " + listener.get() + ", there are " + String.join(", ", listeners));
                    yield 2;
                }
                lines(loaded.settings(), PeerFacts.of(listener.orElse(listeners.getFirst()), address.get(), host), shown).forEach(System.out::println);
                yield 0;
            }
            case ConfigLoader.Refused refused -> {
                refused.problems().forEach(System.err::println);
                yield 1;
            }
        };
    }

    private static Optional<ClientCertificate> shown(String text) {
        return PeerPattern.ofCertificate(text, text).map(pattern -> switch (pattern) {
            case PeerPattern.CertificateName(String name, String _) -> new ClientCertificate("0".repeat(64), "", List.of(name), Vouched.AUTHORITY, "");
            case PeerPattern.CertificateSubject(String subject, String _) -> new ClientCertificate("0".repeat(64), subject, List.of(), Vouched.AUTHORITY, "");
            case PeerPattern.CertificatePin(String fingerprint, String _) -> new ClientCertificate(fingerprint, "", List.of(), Vouched.NOBODY, "only its fingerprint is known");
        });
    }

    /// As the listener does: who a client is said to be counts where the policy that its connection begins with asks for it.
    private PeerFacts proven(Settings settings, PeerFacts arrived, Optional<ClientCertificate> shown, List<String> out) {
        PeerFacts facts = arrived;
        if (shown.isPresent()) {
            boolean asked = policy(AccessRules.decide(arrived, settings.senderGroups())).filter(policy -> policy.identity().verifyClient() != MailFlowPolicy.VerifyClient.OFF).isPresent();
            facts = asked ? AccessRules.certified(arrived, shown.get(), settings.senderGroups(), settings.authSources().certificates()) : arrived;
            out.add(row("certificate", !asked ? "not asked for" : !facts.certified() ? "counts for nothing" : "counts" + facts.user().map(name -> ", user " + name).orElse("")));
        }
        return user.map(facts::withUser).orElse(facts);
    }

    private static Optional<MailFlowPolicy> policy(AccessDecision decision) {
        return switch (decision) {
            case AccessDecision.Relay relay -> Optional.of(relay.policy());
            case AccessDecision.Accept accept -> Optional.of(accept.policy());
            case AccessDecision.Reject _, AccessDecision.TcpRefuse _ -> Optional.empty();
        };
    }

    private List<String> lines(Settings settings, PeerFacts arrived, Optional<ClientCertificate> shown) {
        List<String> out = new ArrayList<>();
        out.add(row("listener", arrived.listener()));
        PeerFacts facts = proven(settings, arrived, shown, out);
        AccessDecision decision = AccessRules.decide(facts, settings.senderGroups());
        settings.senderGroups().stream().filter(group -> group.name().equals(decision.group())).findFirst().ifPresentOrElse(
                group -> out.add(row("sender group", group.name() + " (" + group.position() + "), match " + decision.match())),
                () -> out.add(row("sender group", "none")));
        switch (decision) {
            case AccessDecision.Relay(String _, String _, MailFlowPolicy policy) -> out.addAll(session(settings, facts, policy));
            case AccessDecision.Accept(String _, String _, MailFlowPolicy policy) -> out.addAll(session(settings, facts, policy));
            case AccessDecision.Reject _ -> out.add(row("connection", OurReplies.ACCESS_REJECTED.toString()));
            case AccessDecision.TcpRefuse _ -> out.add(row("connection", "closed without a word"));
        }
        return out;
    }

    private List<String> session(Settings settings, PeerFacts facts, MailFlowPolicy policy) {
        List<String> out = new ArrayList<>();
        Domain ourName = settings.relay().hostname();
        out.add(row("policy", policy.name() + ": " + policy.access() + ", tls " + word(policy.tls()) + ", auth " + word(policy.identity().auth())
                + ", verify_client " + word(policy.identity().verifyClient())));
        out.add(row("limits", policy.limits().messageSize() + " octets, " + policy.limits().recipientsPerMessage() + " recipients a message, "
                + policy.limits().messagesPerConnection() + " messages a connection, " + policy.limits().connections() + " connections"));
        if (policy.identity().auth() == MailFlowPolicy.Auth.REQUIRED && !facts.named()) {
            out.add(row("MAIL", OurReplies.AUTH_FIRST.toString()));
            return out;
        }
        if (policy.identity().verifyClient() == MailFlowPolicy.VerifyClient.REQUIRED && !facts.certified()) {
            out.add(row("MAIL", OurReplies.CERTIFICATE_FIRST.toString()));
            return out;
        }
        PathCommand mail = PathCommand.mail("FROM:<" + from + ">", ourName);
        switch (mail) {
            case PathCommand.Refused refused -> out.add(row("MAIL FROM:<" + from + ">", refused.reply().toString()));
            case PathCommand.Rcpt _ -> throw new IllegalStateException("RCPT out of MAIL");
            case PathCommand.Mail given -> {
                boolean allowed = policy.allowedSenders().filter(patterns -> !SenderPattern.allow(patterns, given.sender())).isEmpty();
                out.add(row("MAIL FROM:<" + from + ">", (allowed ? OurReplies.senderOk(given.sender()) : OurReplies.SENDER_NOT_ALLOWED).toString()));
                if (allowed) {
                    ReversePath sender = policy.hygiene().masquerade().map(masquerade -> masquerade.of(given.sender())).orElse(given.sender());
                    policy.hygiene().masquerade().ifPresent(masquerade -> out.add(row("leaves from", sender + " (masquerade " + masquerade.name() + ")")));
                    to.forEach(recipient -> out.add(row("RCPT TO:<" + recipient + ">", recipient(recipient, facts, policy, ourName))));
                    to.stream().flatMap(recipient -> domain(recipient).stream()).distinct().forEach(domain ->
                            out.add(row("gateway", settings.sources().gateway(domain, settings.sources().preferred(sender, policy.name())).name() + " to " + domain)));
                }
            }
        }
        rates(policy).ifPresent(rates -> out.add(row("rates", rates)));
        policy.deliveryTls().ifPresent(level -> out.add(row("delivery tls", "at least " + level)));
        return out;
    }

    private static Optional<Domain> domain(String recipient) {
        return Domain.parse(recipient.substring(recipient.lastIndexOf('@') + 1));
    }

    private static Optional<String> rates(MailFlowPolicy policy) {
        List<String> out = new ArrayList<>();
        policy.rates().connections().ifPresent(rate -> out.add("connections " + rate));
        policy.rates().messages().ifPresent(rate -> out.add("messages " + rate));
        policy.rates().recipients().ifPresent(rate -> out.add("recipients " + rate));
        policy.rates().octets().ifPresent(rate -> out.add("octets " + rate));
        policy.rates().ofSender().ifPresent(rate -> out.add("messages of one sender " + rate));
        return out.isEmpty() ? Optional.empty() : Optional.of(String.join(", ", out) + ", for each " + word(policy.rates().scope()));
    }

    private static String recipient(String text, PeerFacts facts, MailFlowPolicy policy, Domain ourName) {
        return switch (PathCommand.rcpt("TO:<" + text + ">", ourName)) {
            case PathCommand.Refused refused -> refused.reply().toString();
            case PathCommand.Mail _ -> throw new IllegalStateException("MAIL out of RCPT");
            case PathCommand.Rcpt given -> (policy.relays(facts.named(), facts.certified()) ? OurReplies.recipientOk(given.recipient().mailbox()) : OurReplies.RELAYING_DENIED).toString();
        };
    }

    private static String word(Enum<?> value) {
        return value.name().toLowerCase(java.util.Locale.ROOT);
    }

    private static String row(String what, String value) {
        return String.format("%-15s %s", what, value);
    }
}
