package org.mailrelay.app.command;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/// Only a heading: its subcommand does the work.
@Command(name = "tls-report", description = "Reports on TLS (RFC 8460) for other domains.", mixinStandardHelpOptions = true, subcommands = TlsReportCommand.Preview.class)
final class TlsReportCommand implements Runnable {

    @picocli.CommandLine.Spec
    private picocli.CommandLine.Model.CommandSpec spec = picocli.CommandLine.Model.CommandSpec.create();

    @Override
    public void run() {
        throw new picocli.CommandLine.ParameterException(spec.commandLine(), "say what to do:");
    }

    @Command(name = "preview", mixinStandardHelpOptions = true,
            description = "Print a day's reports as JSON, one a line and policy domain, as they would be sent. Exit status 1: there are none.")
    static final class Preview implements Callable<Integer> {

        @Mixin
        private Configuration configuration = new Configuration();

        @Option(names = "--day", paramLabel = "DAY", description = "A UTC day such as 2026-01-17. Default: today so far.")
        private Optional<String> day = Optional.empty();

        @Option(names = "--domain", paramLabel = "DOMAIN", description = "Only this policy domain's.")
        private Optional<String> domain = Optional.empty();

        @Override
        public Integer call() {
            List<String> words = new ArrayList<>(List.of("tls-report", "preview"));
            day.ifPresent(text -> words.add("--day=" + text));
            domain.ifPresent(text -> words.add("--domain=" + text));
            return new RunningRelay(configuration).run(words);
        }
    }
}
