package org.mailrelay.app.tlscheck;

import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import org.mailrelay.core.event.StageTimes;
import org.mailrelay.core.mail.Mid;
import org.mailrelay.core.replay.Circumstances;
import org.mailrelay.core.replay.SeenPeer;
import org.mailrelay.core.tls.TlsRule;
import org.mailrelay.delivery.connection.ConnectionLog;
import org.mailrelay.delivery.connection.OutboundConnection;
import org.mailrelay.delivery.connection.MaillessSource;
import org.mailrelay.delivery.conversation.HostFailure;
import org.mailrelay.delivery.conversation.Note;
import org.mailrelay.delivery.conversation.Transaction;

/// A source without mail: when a connection could carry some, it is told to say QUIT. Called on the event loop.
final class Probe implements MaillessSource, ConnectionLog {

    private final TlsRule rule;
    private final List<Note> notes = new CopyOnWriteArrayList<>();
    private final CompletableFuture<Verdict> verdict = new CompletableFuture<>();
    private volatile Optional<Verdict> found = Optional.empty();
    private volatile SeenPeer seen = SeenPeer.NOTHING;

    /// @param rule the policy of the host's terms
    Probe(TlsRule rule) {
        this.rule = rule;
    }

    /// Comes when the connection has closed.
    CompletableFuture<Verdict> verdict() {
        return verdict;
    }

    /// What the trial level would have stopped; once the verdict has come.
    Optional<Note.TrialUnmet> trial() {
        return notes.stream().filter(Note.TrialUnmet.class::isInstance).map(Note.TrialUnmet.class::cast).findFirst();
    }

    /// What the host has shown; once the verdict has come.
    SeenPeer seen() {
        return seen;
    }

    @Override
    public void ready(OutboundConnection connection) {
        found = Optional.of(notes.stream().filter(Note.InTheClear.class::isInstance).map(Note.InTheClear.class::cast).findFirst()
                .<Verdict>map(clear -> new Verdict.InTheClear(clear.rule(), clear.why())).orElseGet(() -> new Verdict.Encrypted(rule)));
        connection.finish();
    }

    @Override
    public void failed(OutboundConnection connection, HostFailure why) {
        found = Optional.of(switch (why) {
            case HostFailure.AgainstPolicy(var faults, var demanded, var next) -> new Verdict.AgainstPolicy(demanded, faults, next);
            case HostFailure.Local _, HostFailure.Unreachable _, HostFailure.Lost _, HostFailure.Refused _, HostFailure.OutOfStep _, HostFailure.Loop _ -> new Verdict.HostFails(rule, why.words());
        });
    }

    @Override
    public void closed(OutboundConnection connection, Runnable log) {
        log.run();
        verdict.complete(found.orElseThrow(() -> new IllegalStateException("a connection closed without ready or failed")));
    }

    @Override
    public void noted(About about, Note note, String protocol, String cipher) {
        notes.add(note);
    }

    @Override
    public void opened(About about) {
    }

    @Override
    public void failed(About about, HostFailure why) {
    }

    @Override
    public void openingTook(About about, StageTimes times) {
    }

    @Override
    public void seen(About about, TlsRule ofTerms, Circumstances circumstances, SeenPeer peer) {
        seen = peer;
    }

    @Override
    public void transactionTook(About about, Mid mid, StageTimes times) {
    }

    @Override
    public void deliveryStarted(About about, Mid mid, Transaction transaction) {
    }

    @Override
    public void closed(About about) {
    }
}
