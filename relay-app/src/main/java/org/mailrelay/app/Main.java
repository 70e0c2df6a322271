package org.mailrelay.app;

import org.mailrelay.app.command.Mailrelay;

/// Where the program begins.
public final class Main {

    private Main() {
    }

    public static void main(String[] arguments) {
        int status = 1;
        try {
            status = Mailrelay.commandLine().execute(arguments);
        } catch (Error fatal) {
            fatal.printStackTrace();
        } finally {
            System.exit(status);   // threads that are left hold up no end
        }
    }
}
