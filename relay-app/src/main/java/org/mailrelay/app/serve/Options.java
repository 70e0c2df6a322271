package org.mailrelay.app.serve;

import java.util.List;
import java.util.Optional;

/// Options among the words of a command: `--sort=active`, `--limit=20`.
final class Options {

    private Options() {
    }

    static Optional<String> value(List<String> words, String name) {
        return words.stream().filter(word -> word.startsWith(name + "=")).map(word -> word.substring(name.length() + 1)).findFirst();
    }

    /// The command line has seen to it that it is a number; what is none counts as the standard.
    static long number(List<String> words, String name, long standard) {
        return value(words, name).filter(text -> text.matches("[0-9]{1,18}")).map(Long::valueOf).orElse(standard);
    }

    /// All but options.
    static List<String> rest(List<String> words) {
        return words.stream().filter(word -> !word.startsWith("--")).toList();
    }
}
