package org.mailrelay.delivery.conversation;

import java.time.Duration;
import java.util.Map;

/// How long each stage may take; what is not named takes its standard limit.
public record Timeouts(Map<Stage, Duration> limits) {

    public static final Timeouts STANDARD = new Timeouts(Map.of());

    public Timeouts {
        limits = Map.copyOf(limits);
    }

    public Duration of(Stage stage) {
        return limits.getOrDefault(stage, stage.standardLimit());
    }
}
