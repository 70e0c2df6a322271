package org.mailrelay.app.command;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(name = "oldest", mixinStandardHelpOptions = true, description = "The messages that have been in the queue longest.")
final class OldestCommand implements Callable<Integer> {

    @Mixin
    private Configuration configuration = new Configuration();

    @Option(names = "--json", description = "Print JSON: one object, or one a line.")
    private boolean json;

    @Option(names = "--limit", paramLabel = "N", defaultValue = "10", description = "How many are shown. Default: ${DEFAULT-VALUE}.")
    private int limit = 10;

    @Override
    public Integer call() {
        List<String> words = new ArrayList<>(List.of("oldest"));
        if (json) {
            words.add("--json");
        }
        words.add("--limit=" + Math.max(1, limit));
        return new RunningRelay(configuration).run(words);
    }
}
