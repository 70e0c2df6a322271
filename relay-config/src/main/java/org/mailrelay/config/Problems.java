package org.mailrelay.config;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.snakeyaml.engine.v2.exceptions.Mark;
import org.snakeyaml.engine.v2.nodes.Node;

/// Collects the mistakes of one file. One load, one thread.
final class Problems {

    final String file;
    final List<ConfigProblem> found = new ArrayList<>();
    /// The keys that a reader knows, by path as in [ConfigKeys].
    final Set<String> known = new TreeSet<>();

    Problems(String file) {
        this.file = file;
    }

    void at(Node node, String text) {
        at(node.getStartMark(), text);
    }

    void at(Optional<Mark> mark, String text) {
        found.add(new ConfigProblem(file, mark.map(m -> m.getLine() + 1).orElse(1), mark.map(m -> m.getColumn() + 1).orElse(1), text));
    }

    String position(Node node) {
        return file + ":" + node.getStartMark().map(m -> m.getLine() + 1).orElse(1);
    }
}
