package org.mailrelay.app.command;

import java.util.concurrent.Callable;
import org.mailrelay.app.json.JsonText;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

@Command(name = "version", description = "The version of the relay and of Java.", mixinStandardHelpOptions = true)
final class VersionCommand implements Callable<Integer> {

    @Option(names = "--json", description = "Print JSON.")
    private boolean json;

    @Override
    public Integer call() {
        if (json) {
            System.out.println(new JsonText().put("version", Version.number()).put("java", Runtime.version().toString()));
            return 0;
        }
        for (String line : new Version().getVersion()) {
            System.out.println(line);
        }
        return 0;
    }
}
