package org.mailrelay.app;

import org.mailrelay.app.command.Mailrelay;

/// Where the program begins.
public final class Main {

    private Main() {
    }

    public static void main(String[] arguments) {
        System.exit(Mailrelay.commandLine().execute(arguments));
    }
}
