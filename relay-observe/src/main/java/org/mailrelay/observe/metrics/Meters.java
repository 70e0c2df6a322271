package org.mailrelay.observe.metrics;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.binder.jvm.JvmGcMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmThreadMetrics;
import io.micrometer.core.instrument.binder.system.FileDescriptorMetrics;
import io.micrometer.core.instrument.binder.system.ProcessorMetrics;
import io.micrometer.core.instrument.binder.system.UptimeMetrics;
import io.micrometer.prometheus.PrometheusConfig;
import io.micrometer.prometheus.PrometheusMeterRegistry;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.ToDoubleFunction;

/// The series themselves: made by the catalogue's name, help and labels, shown as Prometheus reads them, those of JVM and process among them. Any thread.
@SuppressWarnings("deprecation") // the simpleclient registry: faster to scrape than its successor and what operators asked for
final class Meters implements AutoCloseable {

    private record Series(MetricNames name, List<String> values) {}

    private final PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    private final JvmGcMetrics collections = new JvmGcMetrics();
    private final Map<Series, Counter> counters = new ConcurrentHashMap<>();

    Meters() {
        List.of(new JvmMemoryMetrics(), new JvmThreadMetrics(), collections, new ProcessorMetrics(), new UptimeMetrics(), new FileDescriptorMetrics())
                .forEach(binder -> binder.bindTo(registry));
    }

    /// @param values of the labels, in the catalogue's order
    Counter counter(MetricNames name, String... values) {
        return counters.computeIfAbsent(new Series(name, List.of(values)), this::register);
    }

    private Counter register(Series series) {
        return Counter.builder(series.name().text()).description(series.name().help()).tags(tags(series)).register(registry);
    }

    /// @param value   of the one label; empty where the name has none
    /// @param buckets upper ends, in milliseconds
    Timer timer(MetricNames name, String value, long... buckets) {
        return Timer.builder(name.text()).description(name.help()).tags(tags(new Series(name, value.isEmpty() ? List.of() : List.of(value))))
                .serviceLevelObjectives(Arrays.stream(buckets).mapToObj(Duration::ofMillis).toArray(Duration[]::new)).register(registry);
    }

    /// @param buckets upper ends
    DistributionSummary sizes(MetricNames name, double... buckets) {
        return DistributionSummary.builder(name.text()).description(name.help()).serviceLevelObjectives(buckets).register(registry);
    }

    /// @param value is asked at each scrape
    <T> void gauge(MetricNames name, T of, ToDoubleFunction<T> value, String... labels) {
        Gauge.builder(name.text(), of, value).tags(tags(new Series(name, List.of(labels)))).description(name.help()).strongReference(true).register(registry);
    }

    private static Tags tags(Series series) {
        Tags tags = Tags.empty();
        for (int i = 0; i < series.values().size(); i++) {
            tags = tags.and(series.name().labels().get(i), series.values().get(i));
        }
        return tags;
    }

    String scrape() {
        return registry.scrape();
    }

    /// Each counter's sum over its labels since the start, by name; those of delivery attempts also by outcome.
    SortedMap<String, Long> totals() {
        SortedMap<String, Long> totals = new TreeMap<>();
        counters.forEach((series, counter) -> {
            totals.merge(series.name().text(), (long) counter.count(), Long::sum);
            if (series.name() == MetricNames.DELIVERY_ATTEMPTS) {
                totals.merge(series.name().text() + "." + series.values().getFirst(), (long) counter.count(), Long::sum);
            }
        });
        return totals;
    }

    @Override
    public void close() {
        collections.close();
        registry.close();
    }
}
