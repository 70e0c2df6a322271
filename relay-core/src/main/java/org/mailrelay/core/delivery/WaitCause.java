package org.mailrelay.core.delivery;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import org.mailrelay.core.mail.Dcid;
import org.mailrelay.core.smtp.EnhancedCode;
import org.mailrelay.core.tls.TlsDemand;
import org.mailrelay.core.tls.TlsLevel;
import org.mailrelay.core.tls.TlsReason;
import org.mailrelay.core.tls.TlsRule;

/// Why a recipient waits, as it was when it began to: kept with it, so that later settings do not change what is told of it.
///
/// @param text   what the host said, or why there was no reply
/// @param status of the outcome; empty in what an older relay kept
/// @param code   of the host's reply; 0 for none
/// @param demand of the TLS policy, where that is the cause
/// @param dcids  the connections of the try, in their order
public record WaitCause(String text, Optional<EnhancedCode> status, int code, Optional<TlsDemand> demand, List<Dcid> dcids) {

    private static final char PART = '\u001f';

    public static final WaitCause NONE = new WaitCause("", Optional.empty(), 0, Optional.empty(), List.of());

    public WaitCause {
        dcids = List.copyOf(dcids);
    }

    public static WaitCause of(Outcome.Reason reason, List<Dcid> dcids) {
        return new WaitCause(reason.text(), Optional.of(reason.status()), reason.code(), reason.demand(), dcids.stream().filter(dcid -> dcid.value() != 0).toList());
    }

    /// Nothing but words.
    public static WaitCause of(String text) {
        return new WaitCause(text, Optional.empty(), 0, Optional.empty(), List.of());
    }

    /// The same as a reason that may be reported; empty for words alone.
    public Optional<Outcome.Reason> reason() {
        return status.map(known -> new Outcome.Reason(known, known.words(), code, List.of(text), demand));
    }

    /// As the spool keeps it with the recipient: the text, then parts behind U+001F: the status and the reply's code, the connections, the demand. A text alone is what an older relay kept.
    public String stored() {
        String clean = text.replace(PART, ' ');
        if (status.isEmpty() && demand.isEmpty() && dcids.isEmpty()) {
            return clean;
        }
        StringBuilder out = new StringBuilder(clean).append(PART).append(status.map(EnhancedCode::toString).orElse("")).append(code > 0 ? " " + code : "").append(PART)
                .append(dcids.stream().map(Dcid::toString).collect(Collectors.joining(",")));
        demand.ifPresent(found -> out.append(PART).append(found.why().stream().map(Enum::name).collect(Collectors.joining(","))).append(PART).append(found.rule().level().word())
                .append(PART).append(found.rule().position().replace(PART, ' ')).append(PART).append(found.rule().entry().replace(PART, ' ')));
        return out.toString();
    }

    /// Never throws: what cannot be read is left out.
    public static WaitCause ofStored(String stored) {
        String[] parts = stored.split(String.valueOf(PART), -1);
        if (parts.length < 3) {
            return of(parts[0]);
        }
        int space = parts[1].indexOf(' ');
        int code = space < 0 ? 0 : code(parts[1].substring(space + 1));
        return new WaitCause(parts[0], EnhancedCode.of(space < 0 ? parts[1] : parts[1].substring(0, space)), code, parts.length < 7 ? Optional.empty() : demand(parts), numbers(parts[2]));
    }

    private static int code(String digits) {
        return digits.length() == 3 && digits.chars().allMatch(c -> c >= '0' && c <= '9') ? Integer.parseInt(digits) : 0;
    }

    private static Optional<TlsDemand> demand(String[] parts) {
        List<TlsReason> why = Arrays.stream(TlsReason.values()).filter(reason -> List.of(parts[3].split(",")).contains(reason.name())).toList();
        return Arrays.stream(TlsLevel.values()).filter(level -> level.word().equals(parts[4])).findFirst().map(level -> new TlsDemand(new TlsRule(level, parts[5], parts[6]), why));
    }

    private static List<Dcid> numbers(String list) {
        List<Dcid> numbers = new ArrayList<>();
        for (String number : list.split(",")) {
            if (!number.isEmpty() && number.length() < 19 && number.chars().allMatch(c -> c >= '0' && c <= '9')) {
                numbers.add(new Dcid(Long.parseLong(number)));
            }
        }
        return numbers;
    }
}
