package org.mailrelay.app.command;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

@Command(name = "resume", description = "Resume receiving, delivery, or one domain's delivery.", mixinStandardHelpOptions = true)
final class ResumeCommand implements Callable<Integer> {

    @Mixin
    private Configuration configuration = new Configuration();

    @Parameters(arity = "1..2", paramLabel = "WHAT", description = "receiving, delivery, or: domain NAME")
    private List<String> what = new ArrayList<>();

    @Override
    public Integer call() {
        List<String> words = new ArrayList<>(List.of("resume"));
        words.addAll(what);
        return new RunningRelay(configuration).run(words);
    }
}
