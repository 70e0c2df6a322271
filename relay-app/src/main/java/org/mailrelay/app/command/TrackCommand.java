package org.mailrelay.app.command;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(name = "track", mixinStandardHelpOptions = true, description = {
    "What became of messages: their lines of mail_logs, those of their connections among them, and the last state of each recipient with its reason.",
    "Messages that left the queue are found as long as tracking.keep says. Exit status 1: none was found."})
final class TrackCommand implements Callable<Integer> {

    @Mixin
    private Configuration configuration = new Configuration();

    @Option(names = "--json", description = "Print one JSON object a message.")
    private boolean json;

    @Option(names = "--limit", paramLabel = "N", defaultValue = "100", description = "Most messages that are shown, the latest ones. Default: ${DEFAULT-VALUE}.")
    private int limit = 100;

    @Parameters(arity = "1..*", paramLabel = "FILTER", description = "Words key:value, all of which must hold: mid sender recipient domain subject message-id ip,"
            + " tls (success failed clear policy verified unverified, or a protocol), older:2h newer:2h (when it was received). * in a value stands for any text; all alone is everything.")
    private List<String> filter = new ArrayList<>();

    @Override
    public Integer call() {
        List<String> words = new ArrayList<>(List.of("track", "--limit=" + Math.max(1, limit)));
        if (json) {
            words.add("--json");
        }
        words.addAll(filter);
        return new RunningRelay(configuration).run(words);
    }
}
