package org.mailrelay.app.serve;

import java.util.Arrays;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.mailrelay.core.delivery.ExpiryRules;
import org.mailrelay.core.settings.Settings;
import org.mailrelay.core.tls.TlsReason;
import org.mailrelay.core.tls.TlsRule;
import org.mailrelay.delivery.engine.QueueEntry;

/// Why an entry waits, as JSON: the text, and what it rests on. For a TLS policy that is the rule, where it stands, and the section of the RFC.
final class WaitReason {

    private static final Pattern STATUS = Pattern.compile("([245]\\.[0-9]{1,3}\\.[0-9]{1,3})\\b.*", Pattern.DOTALL);
    private static final Pattern POSITION = Pattern.compile("(.+):([0-9]{1,9})");

    private WaitReason() {
    }

    static JsonText json(QueueEntry entry, Settings settings) {
        String text = entry.reason();
        JsonText json = new JsonText();
        Optional<TlsReason> tls = Arrays.stream(TlsReason.values()).filter(reason -> reason.reportType().isPresent() || reason.ofRequireTls() || reason == TlsReason.OWN_PATH_SUSPECTED)
                .filter(reason -> text.startsWith(reason.words())).findFirst();
        Matcher status = STATUS.matcher(text);
        if (tls.isPresent()) {
            json.put("code", ExpiryRules.tlsCode(4, tls.get()).toString());
        } else if (status.matches()) {
            json.put("code", status.group(1));
        }
        json.put("text", text);
        if (tls.isPresent()) {
            TlsRule rule = settings.destinations().match(entry.domain()).tls();
            json.put("rule", rule.level().word());
            Matcher position = POSITION.matcher(rule.position());
            if (position.matches()) {
                json.put("file", position.group(1)).put("line", Long.parseLong(position.group(2)));
            }
            tls.get().section().ifPresent(section -> json.put("rfc", section));
        }
        return json;
    }
}
