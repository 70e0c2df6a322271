package org.mailrelay.app.command;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/// What `suspend` and `resume` share; each is known to the relay by its own name.
@Command(mixinStandardHelpOptions = true)
abstract class SwitchCommand implements Callable<Integer> {

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Mixin
    private Configuration configuration = new Configuration();

    @Parameters(arity = "1..2", paramLabel = "WHAT", description = "receiving, delivery, or: domain NAME")
    private List<String> what = new ArrayList<>();

    @Override
    public final Integer call() {
        List<String> words = new ArrayList<>(List.of(spec.name()));
        words.addAll(what);
        return new RunningRelay(configuration).run(words);
    }
}
