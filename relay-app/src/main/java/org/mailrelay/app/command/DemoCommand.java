package org.mailrelay.app.command;

import java.io.IOException;
import java.security.GeneralSecurityException;
import java.util.concurrent.Callable;
import org.mailrelay.app.demo.Demo;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

@Command(name = "demo", description = "The main job in half a minute, on loopback only: four mail hosts, two TLS policies, mail_logs as they happen, a table.",
        mixinStandardHelpOptions = true)
final class DemoCommand implements Callable<Integer> {

    @Option(names = "--keep", description = "Leave the relay running until Ctrl-C.")
    private boolean keep;

    @Override
    public Integer call() throws InterruptedException, GeneralSecurityException {
        try {
            return new Demo(System.out, Version.number()).run(keep);
        } catch (IOException failed) {
            System.err.println("mailrelay: the demo failed: " + failed.getMessage());
            return 1;
        }
    }
}
