package org.mailrelay.app.command;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/// Only a heading: its subcommands do the work.
@Command(name = "policy", description = "What TLS policy did, and what trial levels or another configuration would have done.", mixinStandardHelpOptions = true,
        subcommands = {PolicyCommand.Report.class, PolicySimulateCommand.class})
final class PolicyCommand implements Runnable {

    @picocli.CommandLine.Spec
    private picocli.CommandLine.Model.CommandSpec spec = picocli.CommandLine.Model.CommandSpec.create();

    @Override
    public void run() {
        throw new picocli.CommandLine.ParameterException(spec.commandLine(), "say what to do:");
    }

    @Command(name = "report", mixinStandardHelpOptions = true,
            description = "By domain: sessions, how many were encrypted, how many policy stopped and a trial (tls_trial) would have stopped, and why. Then what"
                    + " the recorded attempts say of each exception.")
    static final class Report implements Callable<Integer> {

        @Mixin
        private Configuration configuration = new Configuration();

        @Option(names = "--json", description = "Print one JSON object a domain.")
        private boolean json;

        @Option(names = "--newer", paramLabel = "AGE", defaultValue = "7d", description = "How far back. Default: ${DEFAULT-VALUE}.")
        private String newer = "7d";

        @Option(names = "--all", description = "Domains with nothing stopped, too.")
        private boolean all;

        @Override
        public Integer call() {
            List<String> words = new ArrayList<>(List.of("policy-report", "--newer=" + newer));
            if (json) {
                words.add("--json");
            }
            if (all) {
                words.add("--all");
            }
            return new RunningRelay(configuration).run(words);
        }
    }
}
