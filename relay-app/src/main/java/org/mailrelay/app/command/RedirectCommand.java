package org.mailrelay.app.command;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(name = "redirect", description = "Send the selected messages to another host than routes or DNS name, over restarts too. The TLS policy of their domain stays.", mixinStandardHelpOptions = true)
final class RedirectCommand implements Callable<Integer> {

    @Mixin
    private Configuration configuration = new Configuration();

    @Option(names = "--yes", description = "Do not ask.")
    private boolean yes;

    @Option(names = "--json", description = "Print JSON: how many recipients, and how many are being delivered.")
    private boolean json;

    @Option(names = "--to", required = true, paramLabel = "HOST", description = "Where: mx.example.com, mx.example.com:587, 192.0.2.7, [2001:db8::7]:25.")
    private String to = "";

    @Parameters(arity = "1..*", paramLabel = "FILTER", description = Filters.HELP)
    private List<String> filter = new ArrayList<>();

    @Override
    public Integer call() {
        return new Selection(configuration, "redirect", Stream.concat(Stream.of("--to=" + to), filter.stream()).toList()).act(yes, json);
    }
}
