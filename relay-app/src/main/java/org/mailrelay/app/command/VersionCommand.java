package org.mailrelay.app.command;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;

@Command(name = "version", description = "The version of the relay and of Java.", mixinStandardHelpOptions = true)
final class VersionCommand implements Callable<Integer> {

    @Override
    public Integer call() {
        for (String line : new Version().getVersion()) {
            System.out.println(line);
        }
        return 0;
    }
}
