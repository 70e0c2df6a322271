package org.mailrelay.config;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.mailrelay.core.mail.AddressText;
import org.mailrelay.core.mail.Mailbox;
import org.mailrelay.core.tls.Trust;
import org.snakeyaml.engine.v2.exceptions.Mark;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.NodeTuple;
import org.snakeyaml.engine.v2.nodes.ScalarNode;
import org.snakeyaml.engine.v2.nodes.SequenceNode;
import org.snakeyaml.engine.v2.nodes.Tag;

/// One mapping of a file. A value that is wrong is noted and read as its default, so that all mistakes come out at once.
final class Section {

    private final Problems problems;
    private final String path;
    private final Optional<Mark> start;
    private final Map<String, Node> values = new LinkedHashMap<>();
    private final Map<String, Node> keys = new LinkedHashMap<>();
    private final Set<String> asked = new LinkedHashSet<>();

    Section(Problems problems, String path, Optional<Node> node) {
        this.problems = problems;
        this.path = path;
        this.start = node.flatMap(Node::getStartMark);
        node.ifPresent(this::read);
    }

    private void read(Node node) {
        if (!(node instanceof MappingNode mapping)) {
            problems.at(node, "found " + kind(node) + ", expected keys with values");
            return;
        }
        for (NodeTuple tuple : mapping.getValue()) {
            if (!(tuple.getKeyNode() instanceof ScalarNode key)) {
                problems.at(tuple.getKeyNode(), "found " + kind(tuple.getKeyNode()) + " as a key, expected a word");
            } else if (values.putIfAbsent(key.getValue(), tuple.getValueNode()) != null) {
                problems.at(key, "the key " + key.getValue() + " stands here twice");
            } else {
                keys.put(key.getValue(), key);
            }
        }
    }

    Problems problems() {
        return problems;
    }

    /// For mappings whose keys are names of the operator's.
    Map<String, Node> named() {
        asked.addAll(values.keySet());
        return values;
    }

    Node keyNode(String key) {
        return keys.getOrDefault(key, values.get(key));
    }

    Optional<Node> node(String key) {
        asked.add(key);
        problems.known.add(path + key);
        return Optional.ofNullable(values.get(key));
    }

    Section section(String key) {
        Optional<Node> node = node(key);
        problems.known.remove(path + key);
        return new Section(problems, path + key + ".", node);
    }

    /// One of several mappings of a kind, known in [ConfigKeys] by `kind`.
    Section item(String kind, Node node) {
        return new Section(problems, kind + ".", Optional.of(node));
    }

    List<Node> list(String key) {
        Optional<Node> node = node(key);
        if (node.isPresent() && !(node.get() instanceof SequenceNode)) {
            problems.at(node.get(), key + ": found " + kind(node.get()) + ", expected a list");
        }
        return node.isPresent() && node.get() instanceof SequenceNode sequence ? sequence.getValue() : List.of();
    }

    Optional<String> text(String key) {
        return node(key).flatMap(node -> scalar(key, node));
    }

    List<String> texts(String key) {
        Optional<Node> node = node(key);
        List<String> out = new ArrayList<>();
        if (node.isPresent()) {
            List<Node> items = node.get() instanceof SequenceNode sequence ? sequence.getValue() : List.of(node.get());
            items.forEach(item -> scalar(key, item).ifPresent(out::add));
        }
        return out;
    }

    Optional<String> scalar(String key, Node node) {
        if (!(node instanceof ScalarNode scalar) || scalar.getTag().equals(Tag.NULL)) {
            problems.at(node, key + ": found " + kind(node) + ", expected a value");
            return Optional.empty();
        }
        String value = scalar.getValue();
        if (!value.startsWith("${env:") || !value.endsWith("}")) {
            return Optional.of(value);
        }
        String name = value.substring(6, value.length() - 1);
        Optional<String> found = Optional.ofNullable(System.getenv(name));
        if (found.isEmpty()) {
            problems.at(node, key + ": the environment has no variable " + name);
        }
        return found;
    }

    /// The word `none` or `off`, or an empty list.
    boolean isNothing(String key) {
        return node(key).filter(node -> node instanceof SequenceNode list && list.getValue().isEmpty()
                || node instanceof ScalarNode word && (word.getValue().equals("none") || word.getValue().equals("off"))).isPresent();
    }

    /// Mail addresses; nothing for `none`.
    List<Mailbox> mailboxes(String key) {
        List<Mailbox> found = new ArrayList<>();
        for (String text : isNothing(key) ? List.<String>of() : texts(key)) {
            try {
                found.add(Mailbox.of(text));
            } catch (IllegalArgumentException noAddress) {
                wrong(key, text, "a mail address");
            }
        }
        return found;
    }

    <T> T word(String key, T otherwise, Map<String, T> words) {
        Optional<Node> node = node(key);
        Optional<String> text = text(key);
        if (text.isEmpty()) {
            return otherwise;
        }
        String word = text.get();
        if (!words.containsKey(word)) {
            word = word.equals("off") ? "none" : word.equals("none") ? "off" : word;
        }
        T value = words.get(word);
        if (value != null) {
            return value;
        }
        String hint = node.get().getTag().equals(Tag.BOOL) ? words.containsKey("none") ? "; write none" : words.containsKey("off") ? "; write off" : ""
                : Units.nearest(text.get(), words.keySet()).map(near -> "; did you mean " + near + "?").orElse("");
        problems.at(node.get(), key + ": found " + text.get() + ", expected one of " + Units.oneOf(List.copyOf(new TreeSet<>(words.keySet()))) + hint);
        return otherwise;
    }

    boolean flag(String key, boolean otherwise) {
        return word(key, otherwise, Map.of("true", true, "false", false));
    }

    int number(String key, int otherwise, int least, int most) {
        Optional<String> text = text(key);
        if (text.isEmpty()) {
            return otherwise;
        }
        if (text.get().matches("[0-9]{1,9}")) {
            int value = Integer.parseInt(text.get());
            if (value >= least && value <= most) {
                return value;
            }
        }
        wrong(key, text.get(), "a number from " + least + " to " + most);
        return otherwise;
    }

    Duration duration(String key, Duration otherwise) {
        return text(key).map(text -> Units.duration(text).filter(Section::sensible).orElseGet(() -> {
            wrong(key, text, "a duration such as 60s, 5m, 72h or 3d, more than 0 and at most 3650d");
            return otherwise;
        })).orElse(otherwise);
    }

    private static boolean sensible(Duration duration) {
        return !duration.isZero() && duration.toDays() <= 3650;
    }

    /// A path as it stands on `root`.
    Path path(String key, Path root, String otherwise) {
        return text(key).flatMap(text -> resolve(key, root, text)).orElse(root.resolve(otherwise).normalize());
    }

    /// A file that must be there.
    Path file(String key, Path root, String otherwise) {
        Path path = path(key, root, otherwise);
        if (!Files.isReadable(path)) {
            problems.at(values.containsKey(key) ? values.get(key).getStartMark() : start, key + ": cannot read " + path);
        }
        return path;
    }

    List<Path> paths(String key, Path root) {
        return texts(key).stream().flatMap(text -> resolve(key, root, text).stream()).toList();
    }

    private Optional<Path> resolve(String key, Path root, String text) {
        try {
            return Optional.of(root.resolve(text).normalize());
        } catch (InvalidPathException noPath) {
            wrong(key, "characters that no path has", "a path");
            return Optional.empty();
        }
    }

    /// Authorities that are trusted, under the key `trust`.
    Trust trust(Path root, Trust otherwise) {
        Optional<Node> node = node("trust");
        if (node.isEmpty()) {
            return otherwise;
        }
        Section trust = section("trust");
        boolean system = trust.flag("system", true);
        List<Path> files = trust.paths("files", root);
        files.stream().filter(file -> !Files.isReadable(file)).forEach(file -> problems.at(node.get(), "trust: cannot read " + file));
        trust.finish();
        if (!system && files.isEmpty()) {
            problems.at(node.get(), "trust: found system: false and no files, expected someone to trust");
            return otherwise;
        }
        return new Trust(system, files);
    }

    long size(String key, long otherwise) {
        Optional<String> text = text(key);
        if (text.isEmpty()) {
            return otherwise;
        }
        long size = Units.size(text.get()).orElse(0);
        if (size < 1) {
            wrong(key, text.get(), "a size such as 10MB or 64KiB");
            return otherwise;
        }
        return size;
    }

    /// `192.0.2.1:25`, `[2001:db8::1]:25`, or the bare address where there is a default port. Never looked up in DNS.
    Optional<InetSocketAddress> address(String key, String text, int defaultPort) {
        String host = text;
        String port = "";
        int colon = text.lastIndexOf(':');
        if (AddressText.parse(text).isEmpty() && colon > 0) {
            host = text.substring(0, colon);
            port = text.substring(colon + 1);
        }
        if (host.startsWith("[") && host.endsWith("]")) {
            host = host.substring(1, host.length() - 1);
        }
        Optional<byte[]> octets = AddressText.parse(host);
        int number = port.isEmpty() ? defaultPort : port.matches("[0-9]{1,5}") ? Integer.parseInt(port) : -1;
        if (octets.isEmpty() || number < 0 || number > 65_535) {
            wrong(key, text, "an address and port such as 127.0.0.1:2525 or [::1]:2525");
            return Optional.empty();
        }
        try {
            return Optional.of(new InetSocketAddress(InetAddress.getByAddress(octets.get()), number));
        } catch (UnknownHostException impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    /// A key whose only built value asks for nothing.
    void notBuilt(String key, String... nothing) {
        node(key).ifPresent(node -> {
            boolean empty = node instanceof SequenceNode sequence && sequence.getValue().isEmpty();
            boolean accepted = node instanceof ScalarNode scalar && List.of(nothing).contains(scalar.getValue());
            if (!empty && !accepted) {
                String found = node instanceof ScalarNode scalar ? " " + scalar.getValue() : "";
                problems.at(node, key + ":" + found + " is not built yet" + (nothing.length == 0 ? "" : "; write " + nothing[0]));
            }
        });
    }

    void wrong(String key, String found, String expected) {
        Node node = node(key).orElseThrow();
        Node place = !(node instanceof SequenceNode list) ? node : list.getValue().stream()
                .filter(item -> item instanceof ScalarNode scalar && scalar.getValue().equals(found)).findFirst().orElse(node);
        problems.at(place, key + ": found " + found + ", expected " + expected);
    }

    /// After all keys were asked for: the rest is unknown.
    void finish() {
        keys.forEach((key, node) -> {
            if (!asked.contains(key)) {
                problems.at(node, "unknown key " + key + Units.nearest(key, asked).map(near -> "; did you mean " + near + "?").orElse(""));
            }
        });
    }

    private static String kind(Node node) {
        return switch (node.getNodeType()) {
            case MAPPING -> "keys with values";
            case SEQUENCE -> "a list";
            case SCALAR -> node instanceof ScalarNode scalar && !scalar.getValue().isEmpty() ? scalar.getValue() : "nothing";
            case ANCHOR -> "an anchor";
        };
    }
}
