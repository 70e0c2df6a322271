package org.mailrelay.delivery.path;

import java.time.InstantSource;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.function.Supplier;
import org.mailrelay.core.event.DeliveryEvent;
import org.mailrelay.core.event.EventSink;
import org.mailrelay.core.mail.Dcid;
import org.mailrelay.core.tls.TlsReason;
import org.mailrelay.delivery.connection.ConnectionPlan;
import org.mailrelay.delivery.connection.Connector;
import org.mailrelay.delivery.connection.HandshakeMemory;
import org.mailrelay.delivery.connection.OutboundConnection;
import org.mailrelay.delivery.connection.MaillessSource;
import org.mailrelay.delivery.conversation.HostFailure;

/// Meets hosts without mail: EHLO, STARTTLS, handshake, EHLO, QUIT. Every minute a few of those that had to be met further down the ladder an hour ago, and of those
/// that tell whether our own network is to be trusted again. A probe that comes to nothing says nothing but about TLS.
public final class Probes implements AutoCloseable {

    private static final int OF_THE_LADDER = 20;
    private static final int OF_THE_PATH = 10;

    /// @param connector whose log is told nothing; probes are no sessions of any report
    /// @param entry     of destinations.yaml for a plan
    public record Parts(Connector connector, HandshakeMemory memory, OwnPath path, Supplier<Dcid> dcids, Function<ConnectionPlan, String> entry, EventSink events,
            InstantSource clock) {}

    private final Parts parts;
    private final CountDownLatch closed = new CountDownLatch(1);

    public Probes(Parts parts) {
        this.parts = parts;
    }

    /// A round a minute, on a virtual thread, until it is closed.
    public void start() {
        Thread.ofVirtual().name("probes").start(() -> {
            try {
                while (!closed.await(1, TimeUnit.MINUTES)) {
                    round();
                }
            } catch (InterruptedException _) {
                Thread.currentThread().interrupt();
            }
        });
    }

    /// Begins what is due, and waits for nothing but the disk.
    public void round() {
        parts.path().look();
        parts.path().keep();
        Set<ConnectionPlan> plans = new LinkedHashSet<>();
        parts.path().telling(OF_THE_PATH).forEach(plan -> plans.add(plan.probing()));
        parts.memory().due(OF_THE_LADDER).forEach(plan -> plans.add(plan.probing()));
        for (ConnectionPlan plan : plans) {
            parts.connector().open(plan, parts.dcids().get(), new Probe(plan));
        }
    }

    @Override
    public void close() {
        closed.countDown();
    }

    /// A source without mail.
    private final class Probe implements MaillessSource {
        private final ConnectionPlan plan;

        Probe(ConnectionPlan plan) {
            this.plan = plan;
        }

        @Override
        public void ready(OutboundConnection connection) {
            parts.memory().forget(HandshakeMemory.Host.of(plan));
            told(connection, true, "");
            connection.finish();
        }

        @Override
        public void failed(OutboundConnection connection, HostFailure why) {
            if (why instanceof HostFailure.AgainstPolicy policy) {
                if (policy.reasons().contains(TlsReason.HANDSHAKE_FAILED)) {
                    parts.memory().stillFails(HandshakeMemory.Host.of(plan));
                }
                told(connection, false, policy.words());
            }
        }

        private void told(OutboundConnection connection, boolean works, String detail) {
            parts.events().on(new DeliveryEvent.HostProbed(parts.clock().instant(), new DeliveryEvent.Connection(connection.dcid(), plan.destination(), parts.entry().apply(plan), plan.hostName(),
                    connection.local().getAddress().getHostAddress(), plan.key().peer().getAddress().getHostAddress(), plan.key().peer().getPort()), works, detail));
        }

        @Override
        public void closed(OutboundConnection connection, Runnable log) {
            // its log is told nothing
        }
    }
}
