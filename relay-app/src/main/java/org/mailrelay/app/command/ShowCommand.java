package org.mailrelay.app.command;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(name = "show", description = "A message's envelope, state, reasons and header; --body adds its content.", mixinStandardHelpOptions = true)
final class ShowCommand implements Callable<Integer> {

    @Mixin
    private Configuration configuration = new Configuration();

    @Option(names = "--body", description = "Print the content, too.")
    private boolean body;

    @Option(names = "--json", description = "Print one JSON object.")
    private boolean json;

    @Parameters(paramLabel = "MID", description = "The message's number.")
    private String mid = "";

    @Override
    public Integer call() {
        List<String> words = new ArrayList<>(List.of("show"));
        if (body) {
            words.add("--body");
        }
        if (json) {
            words.add("--json");
        }
        words.add(mid);
        return new RunningRelay(configuration).run(words);
    }
}
