package org.mailrelay.app.command;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(name = "tophosts", mixinStandardHelpOptions = true, description = "Destinations: active recipients, connections, recipients delivered and bounced, up or down.")
final class TopHostsCommand implements Callable<Integer> {

    @Mixin
    private Configuration configuration = new Configuration();

    @Option(names = "--json", description = "Print JSON: one object, or one a line.")
    private boolean json;

    @Option(names = "--limit", paramLabel = "N", defaultValue = "20", description = "How many are shown. Default: ${DEFAULT-VALUE}.")
    private int limit = 20;

    @Option(names = "--sort", paramLabel = "ORDER", defaultValue = "active", description = "active out delivered soft hard. Default: ${DEFAULT-VALUE}.")
    private String order = "active";

    @Override
    public Integer call() {
        List<String> words = new ArrayList<>(List.of("tophosts"));
        if (json) {
            words.add("--json");
        }
        words.add("--limit=" + Math.max(1, limit));
        words.add("--sort=" + order);
        return new RunningRelay(configuration).run(words);
    }
}
