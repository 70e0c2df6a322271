package org.mailrelay.app.command;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(name = "rate", mixinStandardHelpOptions = true, description = "How much mail a minute, over the last 1, 5 and 15 minutes.")
final class RateCommand implements Callable<Integer> {

    @Mixin
    private Configuration configuration = new Configuration();

    @Option(names = "--json", description = "Print JSON: one object, or one a line.")
    private boolean json;

    @Override
    public Integer call() {
        List<String> words = new ArrayList<>(List.of("rate"));
        if (json) {
            words.add("--json");
        }
        return new RunningRelay(configuration).run(words);
    }
}
