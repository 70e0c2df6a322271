package org.mailrelay.app.command;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

@Command(name = "reload", description = "Read conf/ again; a mistake keeps what is in force.", mixinStandardHelpOptions = true)
final class ReloadCommand implements Callable<Integer> {

    @Mixin
    private Configuration configuration = new Configuration();


    @Override
    public Integer call() {
        List<String> words = new ArrayList<>(List.of("reload"));

        return new RunningRelay(configuration).run(words);
    }
}
