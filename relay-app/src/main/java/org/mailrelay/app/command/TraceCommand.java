package org.mailrelay.app.command;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.mailrelay.config.ConfigLoader;
import org.mailrelay.core.access.AccessDecision;
import org.mailrelay.core.access.AccessRules;
import org.mailrelay.core.access.MailFlowPolicy;
import org.mailrelay.core.access.PeerFacts;
import org.mailrelay.core.access.SenderPattern;
import org.mailrelay.core.mail.AddressText;
import org.mailrelay.core.mail.Domain;
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
        return switch (ConfigLoader.load(configuration.folder(), configuration.overrides())) {
            case ConfigLoader.Loaded loaded -> {
                PeerFacts facts = PeerFacts.of(address.get(), host);
                lines(loaded.settings(), user.map(facts::withUser).orElse(facts)).forEach(System.out::println);
                yield 0;
            }
            case ConfigLoader.Refused refused -> {
                refused.problems().forEach(System.err::println);
                yield 1;
            }
        };
    }

    private List<String> lines(Settings settings, PeerFacts facts) {
        List<String> out = new ArrayList<>();
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
        out.add(row("policy", policy.name() + ": " + policy.access() + ", tls " + word(policy.tls()) + ", auth " + word(policy.identity().auth())));
        out.add(row("limits", policy.limits().messageSize() + " octets, " + policy.limits().recipientsPerMessage() + " recipients a message, "
                + policy.limits().messagesPerConnection() + " messages a connection, " + policy.limits().connections() + " connections"));
        if (policy.identity().auth() == MailFlowPolicy.Auth.REQUIRED && !facts.named()) {
            out.add(row("MAIL", OurReplies.AUTH_FIRST.toString()));
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
                    to.forEach(recipient -> out.add(row("RCPT TO:<" + recipient + ">", recipient(recipient, facts, policy, ourName))));
                }
            }
        }
        policy.deliveryTls().ifPresent(level -> out.add(row("delivery tls", "at least " + level)));
        return out;
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
