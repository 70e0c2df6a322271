package org.mailrelay.app.command;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(name = "delete", description = "Delete the selected messages; nothing is sent to their senders.", mixinStandardHelpOptions = true)
final class DeleteCommand implements Callable<Integer> {

    @Mixin
    private Configuration configuration = new Configuration();

    @Option(names = "--yes", description = "Do not ask.")
    private boolean yes;

    @Option(names = "--json", description = "Print JSON: how many recipients, and how many are being delivered.")
    private boolean json;

    @Parameters(arity = "1..*", paramLabel = "FILTER", description = Filters.HELP)
    private List<String> filter = new ArrayList<>();

    @Override
    public Integer call() {
        return new Selection(configuration, "delete", filter).act(yes, json);
    }
}
