package org.mailrelay.app.command;

import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(name = "queue", description = "List the queue: all of it, or what the filter selects.", mixinStandardHelpOptions = true)
final class QueueCommand implements Callable<Integer> {

    @Mixin
    private Configuration configuration = new Configuration();

    @Option(names = "--json", description = "Print JSON.")
    private boolean json;

    @Option(names = "--limit", paramLabel = "N", description = "Show no more than this.")
    private OptionalInt limit = OptionalInt.empty();

    @Parameters(arity = "0..*", paramLabel = "FILTER", description = Filters.HELP)
    private List<String> filter = new ArrayList<>();

    @Override
    public Integer call() {
        List<String> words = new ArrayList<>(List.of("queue"));
        if (json) {
            words.add("--json");
        }
        limit.ifPresent(most -> words.add("--limit=" + Math.max(0, most)));
        words.addAll(filter);
        return new RunningRelay(configuration).run(words);
    }
}
