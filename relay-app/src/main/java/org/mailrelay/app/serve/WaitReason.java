package org.mailrelay.app.serve;

import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.mailrelay.app.json.JsonText;
import org.mailrelay.core.delivery.WaitCause;
import org.mailrelay.core.tls.TlsReason;

/// Why an entry waits, as JSON: the text, and what it rests on, all of it as it was recorded. For a TLS policy that is the rule, where it stands, and the section
/// of the RFC.
final class WaitReason {

    private static final Pattern POSITION = Pattern.compile("(.+):([0-9]{1,9})");

    private WaitReason() {
    }

    static JsonText json(WaitCause cause) {
        JsonText json = new JsonText();
        cause.status().ifPresent(status -> json.put("code", status.toString()));
        json.put("text", cause.text());
        cause.demand().ifPresent(demand -> {
            json.putTexts("reasons", demand.why().stream().map(TlsReason::words).toList()).put("rule", demand.rule().level().word());
            Matcher position = POSITION.matcher(demand.rule().position());
            if (position.matches()) {
                json.put("file", position.group(1)).put("line", Long.parseLong(position.group(2)));
            } else {
                json.put("file", demand.rule().position());
            }
            json.put("entry", demand.rule().entry());
            demand.why().stream().flatMap(why -> why.section().stream()).findFirst().ifPresent(section -> json.put("rfc", section));
        });
        return json;
    }
}
