package org.mailrelay.delivery.conversation;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.mailrelay.core.path.PathRules;
import org.mailrelay.core.path.PathVerdict;
import org.mailrelay.core.path.Showing;
import org.mailrelay.core.smtp.CommandText;
import org.mailrelay.core.smtp.Ascii;
import org.mailrelay.core.smtp.EhloReply;
import org.mailrelay.core.smtp.Finding;
import org.mailrelay.core.smtp.Keyword;
import org.mailrelay.core.smtp.Reply;
import org.mailrelay.core.tls.AfterEhlo;
import org.mailrelay.core.tls.AfterHandshake;
import org.mailrelay.core.tls.AfterPathLook;
import org.mailrelay.core.tls.AfterStartTlsReply;
import org.mailrelay.core.tls.AfterTlsEhlo;
import org.mailrelay.core.tls.CheckResult;
import org.mailrelay.core.tls.HandshakeResult;
import org.mailrelay.core.tls.StartTlsOffer;
import org.mailrelay.core.tls.LadderStep;
import org.mailrelay.core.tls.TlsFault;
import org.mailrelay.core.tls.TlsReason;
import org.mailrelay.core.tls.TlsRequirement.Encryption;
import org.mailrelay.core.tls.TlsRules;

/// From the greeting to the point where mail may be sent. Pure: the same state and input always give the same step.
public final class Opening {

    /// mail_logs shows at most so many findings a connection.
    static final int MAX_FINDINGS = 5;

    private final Terms terms;

    public Opening(Terms terms) {
        this.terms = terms;
    }

    /// Where an opening stands. `encrypted` is true once a handshake is done.
    ///
    /// @param findings how many were told so far
    public record State(Stage stage, boolean encrypted, Optional<EhloReply> peer, int findings) {

        State at(Stage next) {
            return new State(next, encrypted, peer, findings);
        }

        State with(EhloReply found) {
            return new State(stage, encrypted, Optional.of(found), findings);
        }

        /// RFC 3207 §4.2: all that was learnt before is dropped.
        State behindHandshake(Stage next) {
            return new State(next, true, Optional.empty(), findings);
        }

        State told(int more) {
            return new State(stage, encrypted, peer, findings + more);
        }
    }

    /// What to do next; `notes` first, for the log.
    ///
    /// @param shows what the host has shown of its TLS: have the path judged by it, and go on with what [#over] makes of the step
    public record Step(State state, Action action, List<Note> notes, Optional<Showing> shows) {
        public Step {
            notes = List.copyOf(notes);
        }

        Step(State state, Action action, List<Note> notes) {
            this(state, action, notes, Optional.empty());
        }

        public Step showing(Showing shown) {
            return new Step(state, action, notes, Optional.of(shown));
        }
    }

    /// The step as it is, or the way out where it would use a path that is in doubt.
    public Step over(Step step, PathVerdict path) {
        return switch (PathRules.afterLook(terms.tls(), path)) {
            case AfterPathLook.GoOn _ -> step;
            case AfterPathLook.Wait(var why) -> switch (step.action()) {
                case Action.Ready _, Action.Send _ -> leaveInDoubt(step, why);
                case Action.Await _, Action.Handshake _, Action.Leave _ -> step;
            };
        };
    }

    public sealed interface Action {
        /// Send this line and expect one reply.
        record Send(byte[] line) implements Action {}
        /// Nothing to send; a reply is owed.
        record Await() implements Action {}
        record Handshake() implements Action {}
        record Ready(PeerOffer offer) implements Action {}
        /// Close; with `quit` say QUIT first.
        record Leave(HostFailure why, boolean quit) implements Action {}
    }

    private Step leaveInDoubt(Step step, TlsFault why) {
        List<TlsFault> faults = new ArrayList<>(List.of(why));
        List<Note> notes = new ArrayList<>();
        for (Note note : step.notes()) {
            if (note instanceof Note.InTheClear clear) {
                faults.add(new TlsFault(clear.why()));
            } else {
                notes.add(note);
            }
        }
        return leave(step.state(), faults, Optional.empty(), true, notes);
    }

    /// The first step on a new connection; with implicit TLS (RFC 8314 §3.3) that is the handshake.
    public Step start() {
        return terms.tls().implicitTls()
                ? new Step(new State(Stage.HANDSHAKE, false, Optional.empty(), 0), new Action.Handshake(), List.of())
                : new Step(new State(Stage.GREETING, false, Optional.empty(), 0), new Action.Await(), List.of());
    }

    public Step onReply(State state, Reply reply) {
        if (reply.code() == 421) {   // RFC 5321 §3.8: the host is closing
            List<Note> notes = state.stage() == Stage.STARTTLS ? List.of(new Note.TlsFailed(TlsReason.UNEXPECTED_RESPONSE.words())) : List.of();
            return new Step(state, new Action.Leave(new HostFailure.Refused(state.stage(), reply), false), notes);
        }
        return switch (state.stage()) {
            case GREETING -> reply.code() == 220 ? send(Stage.EHLO, state, CommandText.ehlo(terms.ehloName()), List.of()) : refused(state, reply);
            case EHLO -> afterEhlo(state, reply);
            case HELO -> reply.positive() ? afterHello(state, EhloReply.ofHelo(reply), StartTlsOffer.HELO_ONLY) : refused(state, reply);
            case STARTTLS -> afterStartTls(state, reply);
            case AUTH, AUTH_USER, AUTH_PASSWORD -> afterAuth(state, reply);
            case CONNECT, HANDSHAKE, IDLE, MAIL, RCPT, DATA, CONTENT, END_OF_DATA, RSET, QUIT ->
                    throw new IllegalStateException("a reply in the opening's stage " + state.stage());
        };
    }

    /// RFC 3207 §4.2: all that was learnt before the handshake is dropped, and EHLO is sent anew.
    public Step onHandshake(State state, HandshakeResult result) {
        List<Note> notes = new ArrayList<>();
        if (result instanceof HandshakeResult.Failed failed) {
            notes.add(new Note.TlsFailed(failed.detail()));
        } else {
            notes.add(new Note.TlsSucceeded());
        }
        if (result instanceof HandshakeResult.Completed done) {
            noteChecks(done, notes);
            noteTrial(Optional.empty(), Stream.concat(done.enforced().stream(), done.observed().stream()).toList(), notes);
        }
        return switch (TlsRules.afterHandshake(terms.tls(), result)) {
            case AfterHandshake.Proceed _ when terms.tls().implicitTls() ->
                    new Step(state.behindHandshake(Stage.GREETING), new Action.Await(), notes);
            case AfterHandshake.Proceed _ ->
                    send(Stage.EHLO, state.behindHandshake(Stage.EHLO), CommandText.ehlo(terms.ehloName()), notes);
            case AfterHandshake.StepDown(var why, var next) -> {
                notes.add(new Note.SteppedDown(terms.tls().step(), next));
                yield next.encrypted() ? new Step(state, new Action.Leave(new HostFailure.AgainstPolicy(List.of(why), terms.tls().rule(), Optional.of(next)), false), notes)
                        : leave(state, List.of(why), Optional.of(next), false, notes);
            }
            case AfterHandshake.Abandon stop -> leave(state, stop.broken(), Optional.empty(), result instanceof HandshakeResult.Completed, notes);
        };
    }

    private Step afterEhlo(State state, Reply reply) {
        if (reply.positive()) {
            EhloReply peer = EhloReply.parse(reply, terms.reading());
            StartTlsOffer offer = peer.has(Keyword.STARTTLS) ? StartTlsOffer.OFFERED
                    : peer.nearMiss() ? StartTlsOffer.NEAR_MISS : StartTlsOffer.NOT_OFFERED;
            return afterHello(state, peer, offer);
        }
        if (!reply.permanent()) {
            return refused(state, reply);
        }
        // R-EHLO-12: HELO in the clear only where the policy permits clear text; inside TLS under any policy.
        if (state.encrypted() || !terms.tls().encryptionPromised()) {
            return terms.auth().isPresent() ? refused(state, reply) : send(Stage.HELO, state, CommandText.helo(terms.ehloName()), List.of());
        }
        return leave(state, List.of(new TlsFault(TlsReason.HELO_ONLY)), Optional.empty(), true, List.of(new Note.StartTlsNotOffered())).showing(new Showing.Bare());
    }

    private Step afterHello(State before, EhloReply peer, StartTlsOffer offer) {
        List<Note> notes = new ArrayList<>();
        peer.findings().stream().limit(MAX_FINDINGS - before.findings()).forEach((Finding f) -> notes.add(new Note.Departed(f)));
        State state = before.told(notes.size());
        if (!terms.chosen() && Ascii.equals(peer.domain(), Ascii.upper(terms.ehloName()))) {
            return new Step(state, new Action.Leave(new HostFailure.Loop(terms.ehloName()), true), notes);
        }
        if (state.encrypted()) {
            return afterSecondEhlo(state, peer, notes);
        }
        if (offer != StartTlsOffer.OFFERED && terms.tls().requirement().encryption() != Encryption.NEVER) {
            notes.add(new Note.StartTlsNotOffered());
        }
        return switch (TlsRules.afterEhlo(terms.tls(), offer)) {
            case AfterEhlo.Plaintext clear when clear.why() == TlsReason.POLICY_NONE -> inTheClear(state, peer, clear.why(), notes);
            case AfterEhlo.Plaintext clear when terms.tls().requirement().encryption() == Encryption.NEVER -> inTheClear(state, peer, clear.why(), notes).showing(new Showing.Untried());
            case AfterEhlo.Plaintext clear -> inTheClear(state, peer, clear.why(), notes).showing(new Showing.Bare());
            case AfterEhlo.StartTls _ -> send(Stage.STARTTLS, state.with(peer), CommandText.line("STARTTLS"), notes);
            case AfterEhlo.Abandon stop -> leave(state, List.of(new TlsFault(stop.why())), Optional.empty(), true, notes).showing(new Showing.Bare());
        };
    }

    private Step afterStartTls(State state, Reply reply) {
        return switch (TlsRules.afterStartTlsReply(terms.tls(), reply.code())) {
            case AfterStartTlsReply.Handshake _ -> new Step(state.at(Stage.HANDSHAKE), new Action.Handshake(), List.of());
            case AfterStartTlsReply.Plaintext clear ->
                    inTheClear(state, state.peer().orElseThrow(), clear.why(), List.of(new Note.TlsFailed(clear.why().words()))).showing(new Showing.Bare());
            case AfterStartTlsReply.Abandon stop ->
                    leave(state, List.of(new TlsFault(stop.why())), Optional.empty(), true, List.of(new Note.TlsFailed(stop.why().words()))).showing(new Showing.Bare());
        };
    }

    private Step afterSecondEhlo(State state, EhloReply peer, List<Note> notes) {
        return switch (TlsRules.afterTlsEhlo(terms.tls(), peer.has(Keyword.REQUIRETLS))) {
            case AfterTlsEhlo.Proceed _ -> authenticate(state, peer, notes);
            case AfterTlsEhlo.Abandon(var why) -> leave(state, List.of(why), Optional.empty(), true, notes);
        };
    }

    private Step authenticate(State state, EhloReply peer, List<Note> notes) {
        if (terms.auth().isEmpty()) {
            return ready(state, peer, notes);
        }
        Credentials who = terms.auth().get();
        List<String> mechanisms = peer.parameters(Keyword.AUTH);
        if (mechanisms.stream().anyMatch("PLAIN"::equals)) {
            String token = base64("\0" + who.user() + "\0" + who.password());   // RFC 4616 §2
            return send(Stage.AUTH, state.with(peer), CommandText.line("AUTH PLAIN " + token), notes);
        }
        if (mechanisms.stream().anyMatch("LOGIN"::equals)) {
            return send(Stage.AUTH_USER, state.with(peer), CommandText.line("AUTH LOGIN"), notes);
        }
        return new Step(state, new Action.Leave(new HostFailure.OutOfStep(Stage.AUTH, "neither AUTH PLAIN nor LOGIN is offered"), true), notes);
    }

    private Step afterAuth(State state, Reply reply) {
        if (reply.code() == 334 && state.stage() == Stage.AUTH_USER) {
            return send(Stage.AUTH_PASSWORD, state, CommandText.line(base64(terms.auth().orElseThrow().user())), List.of());
        }
        if (reply.code() == 334 && state.stage() == Stage.AUTH_PASSWORD) {
            return send(Stage.AUTH, state, CommandText.line(base64(terms.auth().orElseThrow().password())), List.of());
        }
        return reply.code() == 235 && state.stage() == Stage.AUTH ? ready(state, state.peer().orElseThrow(), List.of()) : refused(state, reply);
    }

    private Step inTheClear(State state, EhloReply peer, TlsReason why, List<Note> before) {
        List<Note> notes = new ArrayList<>(before);
        notes.add(new Note.InTheClear(terms.tls().rule(), why));
        noteTrial(Optional.of(why), List.of(), notes);
        return ready(state, peer, notes);
    }

    private Step ready(State state, EhloReply peer, List<Note> notes) {
        if (!state.encrypted() && terms.tls().encryptionPromised()) {
            throw new IllegalStateException("about to send in the clear under " + terms.tls().rule());
        }
        PeerOffer offer = PeerOffer.of(state.encrypted(), peer);
        return new Step(state.at(Stage.IDLE), new Action.Ready(offer), notes);
    }

    private Step leave(State state, List<TlsFault> why, Optional<LadderStep> next, boolean quit, List<Note> before) {
        List<Note> notes = new ArrayList<>(before);
        notes.add(new Note.NotDelivered(terms.tls().rule(), why.stream().map(TlsFault::why).toList()));
        return new Step(state, new Action.Leave(new HostFailure.AgainstPolicy(why, terms.tls().rule(), next), quit), notes);
    }

    private void noteTrial(Optional<TlsReason> clear, List<CheckResult> results, List<Note> notes) {
        terms.tls().bounds().trial().ifPresent(trial -> {
            List<TlsFault> unmet = TlsRules.trial(trial, clear, results);
            if (!unmet.isEmpty()) {
                notes.add(new Note.TrialUnmet(trial.rule(), unmet.stream().map(TlsFault::why).toList()));
            }
        });
    }

    private static void noteChecks(HandshakeResult.Completed done, List<Note> notes) {
        List<CheckResult> all = new ArrayList<>(done.enforced());
        all.addAll(done.observed());
        for (CheckResult result : all) {
            notes.add(switch (result) {
                case CheckResult.Passed passed -> new Note.PeerVerified(passed.by());
                case CheckResult.Failed failed -> new Note.PeerNotVerified(failed);
            });
        }
    }

    private static Step refused(State state, Reply reply) {
        return new Step(state, new Action.Leave(new HostFailure.Refused(state.stage(), reply), true), List.of());
    }

    private static Step send(Stage stage, State state, byte[] line, List<Note> notes) {
        return new Step(state.at(stage), new Action.Send(line), notes);
    }

    private static String base64(String text) {
        return Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8));
    }
}
