package org.mailrelay.app.serve;

import java.util.function.Supplier;
import org.mailrelay.core.settings.Settings;

/// The settings in force. Any thread reads them; only [Reloading] replaces them, as a whole.
final class CurrentSettings implements Supplier<Settings> {

    private volatile Settings settings;
    private volatile long generation = 1;

    CurrentSettings(Settings first) {
        this.settings = first;
    }

    @Override
    public Settings get() {
        return settings;
    }

    /// 1 for what the relay started with, one more for each reload.
    long generation() {
        return generation;
    }

    /// Called under [Reloading]'s lock.
    long replace(Settings next) {
        settings = next;
        generation = generation + 1;
        return generation;
    }
}
