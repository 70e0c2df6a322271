package org.mailrelay.app.command;

import java.net.InetAddress;
import java.time.Instant;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.mailrelay.app.json.JsonText;
import org.mailrelay.config.ConfigLoader;
import org.mailrelay.core.mail.Domain;
import org.mailrelay.core.mail.ReversePath;
import org.mailrelay.core.settings.BounceProfile;
import org.mailrelay.core.settings.DestinationPolicy;
import org.mailrelay.core.settings.Gateway;
import org.mailrelay.core.settings.RouteEntry;
import org.mailrelay.core.settings.Settings;
import org.mailrelay.core.smtp.EhloReading;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(name = "explain", description = "Which destination entry, route, policy and limits apply to a recipient, with file:line. No network.",
        mixinStandardHelpOptions = true)
final class ExplainCommand implements Callable<Integer> {

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Mixin
    private Configuration configuration = new Configuration();

    @Option(names = "--from", paramLabel = "ADDRESS", description = "The sender, for routes by sender.")
    private Optional<String> sender = Optional.empty();

    @Option(names = "--json", description = "Print one JSON object.")
    private boolean json;

    private final Map<String, String> rows = new LinkedHashMap<>();
    private Optional<DestinationPolicy> policy = Optional.empty();

    @Parameters(paramLabel = "ADDRESS", description = "The recipient's address or domain.")
    private String recipient = "";

    @Override
    public Integer call() {
        Optional<Domain> domain = domain(recipient);
        if (domain.isEmpty()) {
            throw new ParameterException(spec.commandLine(), "not an address or a domain: " + recipient);
        }
        return switch (ConfigLoader.load(configuration.folder(), configuration.overrides())) {
            case ConfigLoader.Loaded loaded -> {
                gather(loaded.settings(), domain.get());
                print();
                yield 0;
            }
            case ConfigLoader.Refused refused -> {
                refused.problems().forEach(spec.commandLine().getErr()::println);
                yield 1;
            }
        };
    }

    private void gather(Settings settings, Domain domain) {
        Instant now = InstantSource.system().instant();
        DestinationPolicy policy = settings.destinations().match(domain).at(now);
        BounceProfile bounces = policy.bounceProfile();
        this.policy = Optional.of(policy);
        row("domain", domain.name());
        row("entry", policy.entry());
        row("tls", policy.tls().toString());
        row("tls means", means(policy));
        policy.terms().trial().ifPresent(trial -> row("tls trial", trial.toString()));
        row("tls terms", "dane " + policy.terms().dane().word() + ", mta_sts " + (policy.terms().mtaSts() ? "honour" : "off") + ", ehlo "
                + (policy.ehlo() == EhloReading.TOLERANT ? "tolerant" : "strict") + ", " + policy.tlsMinVersion() + " or newer"
                + (policy.tlsNames().isEmpty() ? "" : ", names " + String.join(" ", policy.tlsNames()))
                + (policy.terms().ciphers().isEmpty() ? "" : ", ciphers " + String.join(" ", policy.terms().ciphers()))
                + policy.terms().certificate().map(own -> ", client certificate " + own.name()).orElse("") + (policy.failFast() ? ", fail fast" : ""));
        policy.terms().exception().ifPresent(exception -> row("exception", exception.position() + ", " + (exception.holds(now) ? "until the end of " : "void since the end of ")
                + exception.expires() + ", " + exception.owner() + ": " + exception.reason()));
        row("route", settings.routes().match(sender.flatMap(ExplainCommand::domain), domain).map(ExplainCommand::route).orElse("the domain's MX"));
        Gateway gateway = gateway(settings, domain);
        row("source", source(gateway, settings));
        row("limits", policy.connections() + " connections, " + gateway.messagesPerConnection(policy.messagesPerConnection()) + " messages a connection, "
                + gateway.recipientsPerMessage(policy.recipientsPerMessage()) + " recipients a transaction" + policy.recipientRate().map(rate -> ", " + rate + " recipients in all").orElse(""));
        row("bounce profile", bounces.name() + ": " + bounces.maxRetries() + " retries, " + bounces.maxTimeInQueue().toHours() + " h, "
                + bounces.initialRetry().toSeconds() + " s growing to " + bounces.maxRetry().toSeconds() + " s");
    }

    /// The level in plain words; what DANE and MTA-STS demand comes on top and is not known without asking the network.
    private static String means(DestinationPolicy policy) {
        String names = policy.tlsNames().isEmpty() ? "the domain or the mail host" : String.join(" or ", policy.tlsNames());
        String sure = policy.tlsNames().isEmpty() ? "the domain, or a mail host that DNSSEC, MTA-STS or a route vouches for" : names;
        String clear = "encrypted where the host offers it, else in the clear; after a failed handshake "
                + (policy.plaintextAfterHandshakeFailure() ? "in the clear at a later attempt" : "mail waits");
        return switch (policy.tls().level()) {
            case NONE -> "never encrypted; DANE and MTA-STS are not asked for";
            case PREFERRED -> clear + "; any certificate will do";
            case PREFERRED_VERIFY -> clear + "; a certificate that is not trusted or does not name " + names + " is logged";
            case REQUIRED -> "encrypted or not at all; any certificate will do";
            case REQUIRED_VERIFY -> "encrypted or not at all; the certificate must be trusted and name " + names;
            case REQUIRED_VERIFY_HOSTED -> "encrypted or not at all; the certificate must be trusted and name " + sure;
        };
    }

    private void row(String name, String value) {
        rows.put(name, value);
    }

    private void print() {
        if (json) {
            JsonText object = new JsonText();
            rows.forEach((name, value) -> object.put(name.replace(' ', '_'), value));
            policy.ifPresent(found -> structured(object, found));
            spec.commandLine().getOut().println(object);
        } else {
            rows.forEach((name, value) -> spec.commandLine().getOut().printf("%-15s %s%n", name, value));
        }
    }

    /// The policy once more, in parts.
    private static void structured(JsonText object, DestinationPolicy policy) {
        object.put("policy", new JsonText().put("level", policy.tls().level().word()).put("position", policy.tls().position()).put("entry", policy.tls().entry())
                .put("dane", policy.terms().dane().word()).put("mta_sts", policy.terms().mtaSts() ? "honour" : "off").put("tls_min_version", policy.tlsMinVersion())
                .putTexts("tls_names", policy.tlsNames()).putTexts("tls_ciphers", policy.terms().ciphers()).put("trial", policy.terms().trial().map(trial -> trial.level().word()).orElse("none")));
        policy.terms().exception().ifPresent(exception -> object.put("exception_parts", new JsonText().put("position", exception.position()).put("owner", exception.owner())
                .put("reason", exception.reason()).put("expires", exception.expires().toString())));
    }

    /// Without the mail flow policy, which the question does not name.
    private Gateway gateway(Settings settings, Domain domain) {
        Optional<String> preferred = sender.filter(text -> text.indexOf('@') > 0).flatMap(text -> {
            try {
                return settings.sources().preferred(ReversePath.of(text), "");
            } catch (IllegalArgumentException malformed) {
                return Optional.empty();
            }
        });
        return settings.sources().gateway(domain, preferred);
    }

    private static String source(Gateway gateway, Settings settings) {
        String addresses = gateway.addresses().isEmpty() ? "the system's choice" : String.join(", ", gateway.addresses().stream().map(InetAddress::getHostAddress).toList());
        return gateway.name() + ": " + addresses + ", EHLO " + gateway.hostname().orElse(settings.relay().hostname());
    }

    private static String route(RouteEntry entry) {
        String where = " (" + entry.key() + ", " + entry.position() + ")";
        return switch (entry.target()) {
            case RouteEntry.Target.UseDns _ -> "the domain's MX" + where;
            case RouteEntry.Target.Discard _ -> "/dev/null" + where;
            case RouteEntry.Target.Hosts(var hosts) -> String.join(", ", hosts.stream().map(ExplainCommand::host).toList()) + where;
        };
    }

    private static String host(RouteEntry.Host host) {
        String name = switch (host.name()) {
            case RouteEntry.Name.Named(Domain domain) -> domain.name();
            case RouteEntry.Name.Literal(String address) -> "[" + address + "]";
        };
        return name + ":" + host.port() + " priority " + host.priority();
    }

    private static Optional<Domain> domain(String addressOrDomain) {
        return Domain.parse(addressOrDomain.substring(addressOrDomain.lastIndexOf('@') + 1));
    }
}
