package org.mailrelay.net.dns;

import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.mailrelay.core.route.DnsFailure;
import org.xbill.DNS.Message;
import org.xbill.DNS.Section;
import org.xbill.DNS.Type;

/// All that one question of ours costs, what the library asks on its own to validate the answer included.
///
/// The library hands the executor of a question on to each of its own. So the bounds travel as the executor: they are what
/// stands between a zone made of colliding keys, signatures that never fit and hashes of thousands of rounds (CVE-2023-50387,
/// CVE-2023-50868) and our processor. It keeps the failures too, because the library takes some of them for "unsigned".
final class Work implements Executor {

    /// A name of ten labels with a signed zone at each needs twenty.
    static final int MOST_QUESTIONS = 60;
    /// Signatures in all answers together. An honest chain has a dozen; each costs up to half a millisecond.
    static final int MOST_SIGNATURES = 300;

    private final AtomicInteger questions = new AtomicInteger();
    private final AtomicInteger signatures = new AtomicInteger();
    private final AtomicReference<@Nullable DnsFailure> failure = new AtomicReference<>();
    private volatile boolean over;

    @Override
    public void execute(Runnable task) {
        Thread.startVirtualThread(task);
    }

    /// False where this one is not to be asked any more.
    boolean mayAsk() {
        return !over && questions.incrementAndGet() <= MOST_QUESTIONS;
    }

    /// False where it has more signatures than are looked at. Only the sections that are validated count.
    boolean accepts(Message answer) {
        long signed = answer.getSection(Section.ANSWER).stream().filter(r -> r.getType() == Type.RRSIG).count()
                + answer.getSection(Section.AUTHORITY).stream().filter(r -> r.getType() == Type.RRSIG).count();
        return signatures.addAndGet((int) signed) <= MOST_SIGNATURES;
    }

    /// Nobody waits any longer.
    void end() {
        over = true;
    }

    void failed(DnsFailure why) {
        failure.compareAndSet(null, why);
    }

    /// The first failure on the way, if there was one.
    @Nullable DnsFailure failure() {
        return failure.get();
    }
}
