package org.mailrelay.config;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.mailrelay.core.access.MailFlowPolicy.InboundTls;
import org.mailrelay.core.access.SenderGroup;
import org.mailrelay.core.settings.PolicyTest;
import org.mailrelay.core.settings.RelaySettings;
import org.mailrelay.core.settings.Settings;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.api.lowlevel.Compose;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.NodeTuple;
import org.snakeyaml.engine.v2.nodes.ScalarNode;
import org.snakeyaml.engine.v2.nodes.Tag;
import org.snakeyaml.engine.v2.common.FlowStyle;
import org.snakeyaml.engine.v2.common.ScalarStyle;
import org.snakeyaml.engine.v2.schema.CoreSchema;

/// Reads the four files of a configuration folder.
public final class ConfigLoader {

    /// What became of it: all is well, or every mistake that was found.
    public sealed interface Result {}

    public record Loaded(Settings settings, List<String> warnings) implements Result {}

    /// @param keys files of keys that it names: one of them may be what is wrong
    public record Refused(List<ConfigProblem> problems, Set<Path> keys) implements Result {}

    private ConfigLoader() {
    }

    /// @param overrides `--set` of the command line: keys of `relay.yaml` with dots (`delivery.port`), values as they would stand there
    public static Result load(Path conf, Map<String, String> overrides) {
        return load(conf, overrides, InstantSource.system().instant());
    }

    /// @param now exceptions hold or have ended by it
    public static Result load(Path conf, Map<String, String> overrides, Instant now) {
        Path folder = conf.toAbsolutePath().normalize();
        List<ConfigProblem> problems = new ArrayList<>();
        Section relayFile = open(folder, "relay.yaml", overrides);
        RelayReader relayReader = new RelayReader(folder);
        var relay = relayReader.read(relayFile);
        Section destinationsFile = open(folder, "destinations.yaml", Map.of());
        DestinationsReader destinationsReader = new DestinationsReader(relay.root(), relayReader.trust(), relayReader.certificates(), relayReader.sources());
        var destinations = destinationsReader.read(destinationsFile);
        Section routesFile = open(folder, "routes.yaml", Map.of());
        var routes = new RoutesReader(relay.root()).read(routesFile);
        Section accessFile = open(folder, "access.yaml", Map.of());
        AccessReader accessReader = new AccessReader(relay.root(), relayReader.sources(),
                relay.listeners().stream().map(RelaySettings.Listener::name).collect(Collectors.toSet()));
        var groups = accessReader.read(accessFile);
        relayReader.dkim().check(groups.stream().map(SenderGroup::name).toList());
        for (Section file : List.of(relayFile, destinationsFile, routesFile, accessFile)) {
            file.problems().found.stream().sorted(Comparator.comparingInt(ConfigProblem::line).thenComparingInt(ConfigProblem::column)).forEach(problems::add);
        }
        if (!problems.isEmpty()) {
            return new Refused(List.copyOf(problems), relayReader.dkim().files());
        }
        Settings settings = new Settings(relay, destinations, routes, groups, relayReader.sources().settings(), accessReader.authSources(), relayReader.dkim().settings());
        List<ConfigProblem> failed = PolicyTest.run(destinations.tests(), settings, now).stream().map(ConfigLoader::problem).toList();
        if (!failed.isEmpty()) {
            return new Refused(failed, relayReader.dkim().files());
        }
        List<String> warnings = new ArrayList<>(relayReader.warnings());
        warnings.addAll(relayReader.dkim().warnings());
        warnings.addAll(destinationsReader.warnings());
        warnings.addAll(PolicyWarnings.of(settings, now));
        warnings.addAll(AccessReader.shadowed(groups));
        warnings.addAll(AccessReader.uncertified(groups, accessReader.authSources(), relay.listeners()));
        boolean certificate = relay.listeners().stream().anyMatch(listener -> listener.tls().isPresent());
        groups.stream().filter(group -> group.policy().tls() == InboundTls.REQUIRED && !certificate)
                .forEach(group -> warnings.add(group.position() + ": the group " + group.name() + " must use TLS, and no listener has a certificate"));
        return new Loaded(settings, List.copyOf(warnings));
    }

    private static ConfigProblem problem(PolicyTest.Failure failure) {
        String position = failure.test().position();
        int colon = position.lastIndexOf(':');
        return new ConfigProblem(position.substring(0, colon), Integer.parseInt(position.substring(colon + 1)), 1, failure.toString());
    }

    static Section open(Path folder, String name, Map<String, String> overrides) {
        Path label = folder.getFileName();
        Problems problems = new Problems((label == null ? "" : label + "/") + name);
        Optional<Node> root = Optional.empty();
        try {
            root = compose(Files.readString(folder.resolve(name)));
            if (root.isEmpty() || !(root.get() instanceof MappingNode)) {
                problems.at(Optional.empty(), "the file is empty, expected keys with values");
                root = Optional.empty();
            }
        } catch (IOException unreadable) {
            problems.at(Optional.empty(), "the file is missing or cannot be read as UTF-8");
        } catch (MarkedYamlEngineException mistake) {
            problems.at(mistake.getProblemMark(), "not YAML: " + mistake.getProblem());
        } catch (YamlEngineException mistake) {
            problems.at(Optional.empty(), "not YAML");
        }
        for (Map.Entry<String, String> override : overrides.entrySet()) {
            try {
                override(root, override.getKey(), override.getValue());
            } catch (YamlEngineException mistake) {
                problems.at(Optional.empty(), "the value that --set gives to " + override.getKey() + " is not YAML");
            }
        }
        return new Section(problems, "", root);
    }

    private static Optional<Node> compose(String text) {
        return new Compose(LoadSettings.builder().setSchema(new CoreSchema()).build()).composeString(text);
    }

    private static void override(Optional<Node> node, String key, String text) {
        if (node.isEmpty() || !(node.get() instanceof MappingNode mapping)) {
            return;
        }
        int dot = key.indexOf('.');
        String first = dot < 0 ? key : key.substring(0, dot);
        Optional<NodeTuple> present = mapping.getValue().stream()
                .filter(tuple -> tuple.getKeyNode() instanceof ScalarNode scalar && scalar.getValue().equals(first)).findFirst();
        if (dot > 0 && present.isPresent()) {
            override(Optional.of(present.get().getValueNode()), key.substring(dot + 1), text);
            return;
        }
        Node value = compose(text).orElseGet(() -> new ScalarNode(Tag.STR, "", ScalarStyle.PLAIN));
        if (dot > 0) {
            value = new MappingNode(Tag.MAP, new ArrayList<>(), FlowStyle.BLOCK);
            override(Optional.of(value), key.substring(dot + 1), text);
        }
        List<NodeTuple> tuples = new ArrayList<>(mapping.getValue());
        present.ifPresent(tuples::remove);
        tuples.add(new NodeTuple(new ScalarNode(Tag.STR, first, ScalarStyle.PLAIN), value));
        mapping.setValue(tuples);
    }
}
