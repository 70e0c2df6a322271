package org.mailrelay.app.command;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/// What commands that act on a selection of the queue share; each is known to the relay by its own name.
@Command(mixinStandardHelpOptions = true)
abstract class QueueActionCommand implements Callable<Integer> {

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Mixin
    private Configuration configuration = new Configuration();

    @Option(names = "--yes", description = "Do not ask.")
    private boolean yes;

    @Option(names = "--json", description = "Print JSON: how many recipients, and how many are being delivered.")
    private boolean json;

    @Parameters(arity = "1..*", paramLabel = "FILTER", description = Filters.HELP)
    private List<String> filter = new ArrayList<>();

    /// Options of its own, for the relay.
    List<String> options() {
        return List.of();
    }

    @Override
    public final Integer call() {
        List<String> words = new ArrayList<>(options());
        words.addAll(filter);
        return new Selection(configuration, spec.name(), words).act(yes, json);
    }
}
