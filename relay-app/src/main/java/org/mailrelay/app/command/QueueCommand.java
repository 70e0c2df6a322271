package org.mailrelay.app.command;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
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

    @Option(names = "--limit", paramLabel = "N", description = "Show no more messages than this; the last line says how to go on.")
    private @Nullable Integer limit;

    @Option(names = "--after", paramLabel = "MID", description = "Begin behind this message: the list is in order of MID.")
    private long after;

    @Parameters(arity = "0..*", paramLabel = "FILTER", description = Filters.HELP)
    private List<String> filter = new ArrayList<>();

    @Override
    public Integer call() {
        List<String> words = new ArrayList<>(List.of("queue"));
        if (json) {
            words.add("--json");
        }
        if (limit != null) {
            words.add("--limit=" + Math.max(0, limit));
        }
        words.add("--after=" + Math.max(0, after));
        words.addAll(filter);
        return new RunningRelay(configuration).run(words);
    }
}
