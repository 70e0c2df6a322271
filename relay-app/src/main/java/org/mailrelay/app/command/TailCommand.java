package org.mailrelay.app.command;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

@Command(name = "tail", description = "Follow mail_logs.", mixinStandardHelpOptions = true)
final class TailCommand implements Callable<Integer> {

    @Mixin
    private Configuration configuration = new Configuration();

    @Parameters(arity = "0..1", paramLabel = "PATTERN", description = "Only lines that contain this text.")
    private List<String> pattern = new ArrayList<>();

    @Override
    public Integer call() {
        List<String> words = new ArrayList<>(List.of("tail"));
        words.addAll(pattern);
        return new RunningRelay(configuration).run(words);
    }
}
