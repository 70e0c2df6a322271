package org.mailrelay.app.command;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(name = "status", description = "Counters, gauges and the state of the running relay.", mixinStandardHelpOptions = true)
final class StatusCommand implements Callable<Integer> {

    @Mixin
    private Configuration configuration = new Configuration();

    @Option(names = "--json", description = "Print JSON.")
    private boolean json;

    @Option(names = "--ready", description = "Only tell whether the relay is ready: exit status 0 or 1.")
    private boolean ready;

    @Option(names = "--reset", description = "Count anew from now; uptime and lifetime go on.")
    private boolean reset;

    @Override
    public Integer call() {
        List<String> words = new ArrayList<>(List.of("status"));
        if (reset) {
            words.add("--reset");
        }
        if (json) {
            words.add("--json");
        }
        if (ready) {
            words.add("--ready");
        }
        return new RunningRelay(configuration).run(words);
    }
}
