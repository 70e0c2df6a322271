package org.mailrelay.app.command;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.Callable;
import org.mailrelay.config.ConfigLoader;
import org.mailrelay.core.access.ClientCertificate;
import org.mailrelay.core.access.ClientCertificate.Vouched;
import org.mailrelay.core.access.PeerFacts;
import org.mailrelay.core.access.PeerPattern;
import org.mailrelay.core.mail.AddressText;
import org.mailrelay.core.mail.Domain;
import org.mailrelay.core.settings.RelaySettings;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/// What would become of a connection, a sender and recipients.
@Command(name = "trace", description = "What would happen to a connection from an address, with a sender and recipients: sender group, policy, rates, replies. No network.",
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

    @Option(names = "--clear", description = "As if the client started no TLS, though it may.")
    private boolean clear;

    @Option(names = "--size", paramLabel = "OCTETS", description = "The size that MAIL declares.")
    private Optional<Long> size = Optional.empty();

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
                PeerFacts arrived = PeerFacts.of(listener.orElse(listeners.getFirst()), address.get(), host);
                Trace.lines(loaded.settings(), new Trace.Question(arrived, clear, user, shown, from, to, size.map(OptionalLong::of).orElse(OptionalLong.empty()))).forEach(System.out::println);
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
}
