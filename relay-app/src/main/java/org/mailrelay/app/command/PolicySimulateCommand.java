package org.mailrelay.app.command;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.mailrelay.app.simulate.SimulationReport;
import org.mailrelay.app.simulate.StoredRecords;
import org.mailrelay.config.ConfigLoader;
import org.mailrelay.core.settings.Settings;
import org.mailrelay.observe.simulate.DomainOutlook;
import org.mailrelay.observe.simulate.Simulation;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

@Command(name = "simulate", mixinStandardHelpOptions = true, description = {
    "Hold recorded connections against a new configuration, and print what would change: by domain and host, how much mail would be deferred, in the clear, encrypted, verified, and why.",
    "",
    "The decisions are those of delivery itself. What a record does not tell (an MTA-STS policy that was not asked for, other authorities, a route to other hosts) is said to be unknown."
        + " Limits, retries and gateways are not simulated; a level raised by delivery_tls is taken as it was. Nothing is sent, and no relay need be running.",
    ""}, exitCodeListHeading = "Exit status:%n",
        exitCodeList = {"0:nothing that is known gets worse", "1:mail would be deferred that was delivered, or lose encryption or verification; or NEW has mistakes, or there are no records",
            "2:wrong usage"})
final class PolicySimulateCommand implements Callable<Integer> {

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Option(names = "--conf", required = true, paramLabel = "NEW", description = "The new configuration's folder.")
    private Path next = Path.of("");

    @Option(names = "--records", paramLabel = "DIR", description = "The spool's folder. Default: that of the configuration in force (MAILRELAY_CONF, else conf beside the launcher, else"
            + " /etc/mailrelay); that of NEW where there is none.")
    private Optional<Path> records = Optional.empty();

    @Option(names = "--days", paramLabel = "N", defaultValue = "7", description = "How far back. Default: ${DEFAULT-VALUE}.")
    private int days = 7;

    @Option(names = "--all", description = "What stays as it is, too.")
    private boolean all;

    @Option(names = "--json", description = "Print one JSON object a domain.")
    private boolean json;

    @Override
    public Integer call() {
        if (days < 1 || days > 36_500) {
            throw new ParameterException(spec.commandLine(), "--days must be at least 1");
        }
        return switch (ConfigLoader.load(next, Map.of())) {
            case ConfigLoader.Refused refused -> {
                refused.problems().forEach(spec.commandLine().getErr()::println);
                yield 1;
            }
            case ConfigLoader.Loaded loaded -> simulate(loaded.settings());
        };
    }

    private int simulate(Settings settings) {
        StoredRecords stored = records.map(StoredRecords::in).or(PolicySimulateCommand::inForce).orElseGet(() -> StoredRecords.of(settings.relay()));
        if (!stored.exist()) {
            spec.commandLine().getErr().println("mailrelay: no records of connections in " + stored.folder() + "; --records DIR names the spool's folder");
            return 1;
        }
        Instant now = InstantSource.system().instant();
        Simulation simulation = new Simulation(settings.destinations(), settings.routes(), now);
        Progress progress = Progress.begin("simulate");
        try {
            stored.read(now.minus(Duration.ofDays(days)), now.plusSeconds(1), simulation);
        } catch (IOException unreadable) {
            progress.end();
            spec.commandLine().getErr().println("mailrelay: " + stored.folder() + " cannot be read: " + unreadable.getMessage());
            return 1;
        }
        progress.end();
        List<DomainOutlook> outlooks = simulation.outlooks();
        if (outlooks.isEmpty()) {
            spec.commandLine().getErr().println("mailrelay: no connection of the last " + days + " days is recorded in " + stored.folder());
            return 1;
        }
        SimulationReport report = new SimulationReport(spec.commandLine().getOut(), all);
        if (json) {
            report.json(outlooks);
        } else {
            report.text(outlooks);
        }
        return outlooks.stream().anyMatch(DomainOutlook::worse) ? 1 : 0;
    }

    /// Empty where no configuration is in force that can be read.
    private static Optional<StoredRecords> inForce() {
        Configuration present = new Configuration();
        return ConfigLoader.load(present.folder(), Map.of()) instanceof ConfigLoader.Loaded loaded ? Optional.of(StoredRecords.of(loaded.settings().relay())) : Optional.empty();
    }
}
