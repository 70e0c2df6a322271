package org.mailrelay.app.command;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

@Command(name = "suspend", description = "Suspend receiving, delivery, or one domain's delivery; queued mail stays queued. It ends with resume, and with the next start.", mixinStandardHelpOptions = true)
final class SuspendCommand implements Callable<Integer> {

    @Mixin
    private Configuration configuration = new Configuration();

    @Parameters(arity = "1..2", paramLabel = "WHAT", description = "receiving, delivery, or: domain NAME")
    private List<String> what = new ArrayList<>();

    @Override
    public Integer call() {
        List<String> words = new ArrayList<>(List.of("suspend"));
        words.addAll(what);
        return new RunningRelay(configuration).run(words);
    }
}
