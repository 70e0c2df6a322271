package org.mailrelay.app.command;

/// The words that select messages, explained once for every command's help.
final class Filters {

    static final String HELP = "Words key:value, all of which must hold: mid domain recipient sender subject message-id source ip state"
            + " reason tls (held or free), older:2h newer:2h. * in a value stands for any text. 'all' alone selects everything.";

    private Filters() {
    }
}
