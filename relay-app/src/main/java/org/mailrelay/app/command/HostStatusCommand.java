package org.mailrelay.app.command;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(name = "hoststatus", mixinStandardHelpOptions = true, description = "One destination: its recipients and connections, whether it is up, its mail hosts, the last 5xx answer, the TLS of the last connection.")
final class HostStatusCommand implements Callable<Integer> {

    @Mixin
    private Configuration configuration = new Configuration();

    @Option(names = "--json", description = "Print JSON: one object, or one a line.")
    private boolean json;

    @Option(names = "--transcript", description = "What was said on the last connection that failed.")
    private boolean transcript;

    @Parameters(paramLabel = "DOMAIN", description = "The destination's domain.")
    private String domain = "";

    @Override
    public Integer call() {
        List<String> words = new ArrayList<>(List.of("hoststatus"));
        if (json) {
            words.add("--json");
        }
        if (transcript) {
            words.add("--transcript");
        }
        words.add(domain);
        return new RunningRelay(configuration).run(words);
    }
}
