package org.mailrelay.app.command;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.mailrelay.app.tlscheck.Question;
import org.mailrelay.app.tlscheck.TlsChecks;
import org.mailrelay.config.ConfigLoader;
import org.mailrelay.core.mail.AddressText;
import org.mailrelay.core.mail.Domain;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(name = "tls-check", mixinStandardHelpOptions = true, description = {
    "Ask a domain's mail hosts what they offer, and say what the TLS policy makes of it. No mail is sent.",
    "",
    "The way is that of delivery: the destination's entry and route, MX and addresses, greeting, EHLO as it is read strictly, STARTTLS, the certificate, "
        + "EHLO inside TLS, QUIT. For each host: what it showed, and whether a message would go encrypted, in the clear, or wait, and which entry demands that.",
    ""}, exitCodeListHeading = "Exit status:%n",
        exitCodeList = {"0:at least one host would take mail under the policy", "1:none would, or the configuration has mistakes", "2:wrong usage"})
final class TlsCheckCommand implements Callable<Integer> {

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Mixin
    private Configuration configuration = new Configuration();

    @Option(names = "--json", description = "Print one JSON object.")
    private boolean json;

    @Option(names = "--from", paramLabel = "ADDRESS", description = "The sender, for routes by sender.")
    private Optional<String> sender = Optional.empty();

    @Option(names = "--mx", paramLabel = "HOST", description = "Ask this host (a name or an address) in place of the domain's own, under the domain's policy.")
    private Optional<String> mx = Optional.empty();

    @Option(names = "--ipv4", description = "Only IPv4 addresses.")
    private boolean four;

    @Option(names = "--ipv6", description = "Only IPv6 addresses.")
    private boolean six;

    @Option(names = "--timeout", paramLabel = "SECONDS", defaultValue = "30", description = "Most that any step may take. Default: ${DEFAULT-VALUE}.")
    private int seconds = 30;

    @Parameters(paramLabel = "DOMAIN", description = "The recipient's domain, or an address in it.")
    private String recipient = "";

    @Override
    public Integer call() {
        Question question = question();
        return switch (ConfigLoader.load(configuration.folder(), configuration.overrides())) {
            case ConfigLoader.Loaded loaded -> TlsChecks.run(loaded.settings(), question, json, spec.commandLine().getOut()) ? 0 : 1;
            case ConfigLoader.Refused refused -> {
                refused.problems().forEach(spec.commandLine().getErr()::println);
                yield 1;
            }
        };
    }

    private Question question() {
        Domain domain = domain(recipient).orElseThrow(() -> usage("not an address or a domain: " + recipient));
        mx.filter(host -> Domain.parse(host).isEmpty() && AddressText.parse(host).isEmpty()).ifPresent(host -> {
            throw usage("not a host name or an address: " + host);
        });
        if (four && six) {
            throw usage("--ipv4 and --ipv6 exclude each other");
        }
        if (seconds < 1) {
            throw usage("--timeout must be at least 1");
        }
        Optional<Domain> from = sender.map(address -> domain(address).orElseThrow(() -> usage("not an address or a domain: " + address)));
        Question.Family family = four ? Question.Family.IPV4 : six ? Question.Family.IPV6 : Question.Family.ANY;
        return new Question(domain, from, mx, family, Duration.ofSeconds(seconds));
    }

    private ParameterException usage(String words) {
        return new ParameterException(spec.commandLine(), words);
    }

    private static Optional<Domain> domain(String addressOrDomain) {
        return Domain.parse(addressOrDomain.substring(addressOrDomain.lastIndexOf('@') + 1));
    }
}
