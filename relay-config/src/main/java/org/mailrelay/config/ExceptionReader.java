package org.mailrelay.config;

import java.time.LocalDate;
import java.time.ZoneId;
import java.time.format.DateTimeParseException;
import java.util.Map;
import java.util.Optional;
import org.mailrelay.core.settings.PolicyException;
import org.mailrelay.core.smtp.EhloReading;
import org.mailrelay.core.tls.DaneUse;
import org.mailrelay.core.tls.TlsLevel;
import org.mailrelay.core.tls.TlsRule;
import org.snakeyaml.engine.v2.nodes.Node;

/// Reads `exception` of an entry.
final class ExceptionReader {

    /// Of a relay's time zone: the last day ends when it ends here.
    private static final ZoneId LOCAL = ZoneId.systemDefault();

    private ExceptionReader() {
    }

    /// @param level the entry's own, which the exception lowers
    static Optional<PolicyException> read(Section in, String entry, TlsLevel level) {
        Optional<Node> node = in.node("exception");
        if (node.isEmpty() || in.isNothing("exception")) {
            return Optional.empty();
        }
        Section written = in.item("exception", node.get());
        Optional<LocalDate> expires = expires(written, node.get());
        String reason = demanded(written, node.get(), "reason", "why the level is lowered");
        String owner = demanded(written, node.get(), "owner", "who answers for it");
        String until = expires.map(LocalDate::toString).orElse("");
        String position = in.problems().position(node.get());
        Optional<TlsRule> tls = written.text("tls").isEmpty() ? Optional.empty() : Optional.of(new TlsRule(
                written.word("tls", level, DestinationsReader.LEVELS), written.problems().position(written.node("tls").orElseThrow()), entry + ", exception until " + until));
        Optional<DaneUse> dane = written.text("dane").isEmpty() ? Optional.empty() : Optional.of(written.word("dane", DaneUse.NONE,
                Map.of("none", DaneUse.NONE, "opportunistic", DaneUse.OPPORTUNISTIC)));
        Optional<Boolean> sts = written.text("mta_sts").isEmpty() ? Optional.empty() : Optional.of(written.word("mta_sts", false, Map.of("off", false)));
        Optional<EhloReading> ehlo = written.text("ehlo").isEmpty() ? Optional.empty() : Optional.of(written.word("ehlo", EhloReading.TOLERANT, Map.of("tolerant", EhloReading.TOLERANT)));
        written.finish();
        if (tls.isEmpty() && dane.isEmpty() && sts.isEmpty() && ehlo.isEmpty()) {
            in.problems().at(node.get(), "exception: found none of tls, dane, mta_sts and ehlo, expected what is lowered");
        }
        if (tls.isPresent() && tls.get().level().compareTo(level) >= 0) {
            written.wrong("tls", tls.get().level().word(), "a level below the entry's, which is " + level.word());
        }
        return expires.map(day -> new PolicyException(position, entry, tls, dane, sts, ehlo, reason, owner, day, day.plusDays(1).atStartOfDay(LOCAL).toInstant()));
    }

    private static String demanded(Section in, Node node, String key, String what) {
        Optional<String> text = in.text(key).filter(words -> !words.isBlank());
        if (text.isEmpty()) {
            in.problems().at(node, "exception: found no " + key + ", expected " + what);
        }
        return text.orElse("");
    }

    private static Optional<LocalDate> expires(Section in, Node node) {
        Optional<String> text = in.text("expires");
        if (text.isEmpty()) {
            in.problems().at(node, "exception: found no expires, expected its last day such as 2027-01-31");
            return Optional.empty();
        }
        try {
            return Optional.of(LocalDate.parse(text.get()));
        } catch (DateTimeParseException noDate) {
            in.wrong("expires", text.get(), "a day such as 2027-01-31");
            return Optional.empty();
        }
    }
}
