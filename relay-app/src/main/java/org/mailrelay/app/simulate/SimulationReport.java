package org.mailrelay.app.simulate;

import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.mailrelay.app.json.JsonText;
import org.mailrelay.core.smtp.Escape;
import org.mailrelay.core.tls.TlsRule;
import org.mailrelay.observe.simulate.Amount;
import org.mailrelay.observe.simulate.DomainOutlook;
import org.mailrelay.observe.simulate.Fate;
import org.mailrelay.observe.simulate.Shift;

/// A simulation for people, and for programs: one object a domain. Names are only ever added.
public final class SimulationReport {

    private final PrintWriter out;
    private final boolean all;

    /// @param all domains of which nothing changes, too
    public SimulationReport(PrintWriter out, boolean all) {
        this.out = out;
        this.all = all;
    }

    public void text(List<DomainOutlook> outlooks) {
        outlooks.stream().filter(this::shown).forEach(this::text);
        Map<Fate, Amount> before = sums(outlooks.stream().map(DomainOutlook::before).toList());
        Map<Fate, Amount> after = sums(outlooks.stream().map(DomainOutlook::after).toList());
        long changed = outlooks.stream().filter(DomainOutlook::changes).count();
        out.println(changed + " of " + outlooks.size() + (outlooks.size() == 1 ? " domain changes" : " domains change"));
        out.println("before: " + amounts(before));
        out.println("after:  " + amounts(after));
        long failed = outlooks.stream().mapToLong(DomainOutlook::failures).sum();
        long unrecorded = outlooks.stream().mapToLong(DomainOutlook::unrecordedAttempts).sum();
        if (failed > 0) {
            out.println("not simulated: " + several(failed, "attempt") + " that came to nothing before policy had a say");
        }
        if (unrecorded > 0) {
            out.println("not simulated: " + several(unrecorded, "attempt") + " whose records do not tell what the host showed");
        }
        out.flush();
    }

    private boolean shown(DomainOutlook outlook) {
        return all || outlook.changes();
    }

    private void text(DomainOutlook outlook) {
        out.println(outlook.domain() + ": " + amounts(outlook.before()) + " -> " + amounts(outlook.after()));
        for (Shift shift : outlook.inOrder()) {
            if (!all && !shift.changes()) {
                continue;
            }
            Amount amount = outlook.shifts().getOrDefault(shift, Amount.NONE);
            List<String> elsewhere = outlook.elsewhere(shift);
            out.println("  " + (shift.mx().isEmpty() ? "other hosts" : Escape.text(shift.mx(), Escape.LOG_LIMIT)) + ": " + several(amount.attempts(), "attempt") + ", " + several(amount.messages(), "message") + ", "
                    + several(amount.recipients(), "recipient") + ": " + told(shift.before(), shift.was()) + " -> " + told(shift.after(), shift.why())
                    + shift.rule().map(rule -> " by " + rule).orElse("") + (elsewhere.isEmpty() ? "" : "; would be taken by " + String.join(", ", elsewhere)));
        }
    }

    private static String told(Fate fate, String words) {
        return fate.word() + (words.isEmpty() ? "" : " (" + Escape.text(words, Escape.LOG_LIMIT) + ")");
    }

    /// `3 recipients in the clear, 5 encrypted`; attempts where nothing was carried.
    private static String amounts(Map<Fate, Amount> amounts) {
        String words = amounts.entrySet().stream().map(entry -> several(entry.getValue().recipients(), "recipient") + " (" + several(entry.getValue().attempts(), "attempt") + ") " + entry.getKey().word())
                .collect(Collectors.joining(", "));
        return words.isEmpty() ? "nothing" : words;
    }

    private static Map<Fate, Amount> sums(List<Map<Fate, Amount>> each) {
        Map<Fate, Amount> sums = new EnumMap<>(Fate.class);
        each.forEach(one -> one.forEach((fate, amount) -> sums.merge(fate, amount, Amount::plus)));
        return sums;
    }

    public void json(List<DomainOutlook> outlooks) {
        outlooks.stream().filter(this::shown).map(this::object).forEach(out::println);
        out.flush();
    }

    private JsonText object(DomainOutlook outlook) {
        List<JsonText> changes = new ArrayList<>();
        for (Shift shift : outlook.inOrder()) {
            if (all || shift.changes()) {
                changes.add(object(outlook, shift));
            }
        }
        return new JsonText().put("domain", outlook.domain().name()).put("worse", outlook.worse()).put("before", object(outlook.before())).put("after", object(outlook.after()))
                .put("failed_attempts", outlook.failures()).put("unrecorded_attempts", outlook.unrecordedAttempts()).putObjects("changes", changes);
    }

    private static JsonText object(Map<Fate, Amount> amounts) {
        JsonText object = new JsonText();
        amounts.forEach((fate, amount) -> object.put(name(fate), new JsonText().put("attempts", amount.attempts()).put("messages", amount.messages()).put("recipients", amount.recipients())));
        return object;
    }

    private static JsonText object(DomainOutlook outlook, Shift shift) {
        Amount amount = outlook.shifts().getOrDefault(shift, Amount.NONE);
        JsonText object = new JsonText().put("mx", shift.mx()).put("from", name(shift.before())).put("was", shift.was()).put("to", name(shift.after())).put("why", shift.why())
                .put("attempts", amount.attempts()).put("messages", amount.messages()).put("recipients", amount.recipients()).put("worse", Fate.worse(shift.before(), shift.after()))
                .putTexts("taken_by", outlook.elsewhere(shift));
        Optional<TlsRule> rule = shift.rule();
        rule.ifPresent(found -> object.put("policy", new JsonText().put("level", found.level().word()).put("position", found.position()).put("entry", found.entry())));
        return object;
    }

    private static String name(Fate fate) {
        return switch (fate) {
            case DEFERRED -> "deferred";
            case CLEAR -> "clear";
            case ENCRYPTED -> "encrypted";
            case VERIFIED -> "verified";
            case UNKNOWN -> "unknown";
            case FAILED -> "failed";
        };
    }

    private static String several(long count, String what) {
        return count + " " + what + (count == 1 ? "" : "s");
    }
}
