package org.mailrelay.app.command;

import java.io.Console;
import java.util.ArrayList;
import java.util.List;

/// An action on the messages that a filter selects: says how many there are, asks, acts.
final class Selection {

    private final Configuration configuration;
    private final String action;
    private final List<String> filter;

    Selection(Configuration configuration, String action, List<String> filter) {
        this.configuration = configuration;
        this.action = action;
        this.filter = List.copyOf(filter);
    }

    /// @return the exit status; 1 also when the operator says no
    int act(boolean withoutAsking, boolean json) {
        RunningRelay relay = new RunningRelay(configuration);
        if (!withoutAsking) {
            int counted = relay.run(words("--count"));
            if (counted != 0) {
                return counted;
            }
            Console console = System.console();
            String answer = console == null ? null : console.readLine("%s these? [y/N] ", action);
            if (answer == null || !(answer.equals("y") || answer.equals("yes"))) {
                System.err.println(console == null ? "nobody to ask here: say --yes" : "nothing done");
                return 1;
            }
        }
        return relay.run(json ? words("--yes", "--json") : words("--yes"));
    }

    private List<String> words(String... options) {
        List<String> words = new ArrayList<>(List.of(action));
        words.addAll(List.of(options));
        words.addAll(filter);
        return words;
    }
}
