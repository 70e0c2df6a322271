package org.mailrelay.app.tlscheck;

import java.io.PrintWriter;
import org.mailrelay.core.settings.Settings;

/// The way in: asks, prints, and says whether mail would go.
public final class TlsChecks {

    private TlsChecks() {
    }

    /// @return whether a message would be delivered under the policy
    public static boolean run(Settings settings, Question question, boolean json, PrintWriter out) {
        try (TlsCheck check = new TlsCheck(settings, question)) {
            DomainReport report = check.run();
            if (json) {
                out.println(JsonReport.of(report));
                out.flush();
            } else {
                new TextReport(out).print(report);
            }
            return report.deliverable();
        }
    }
}
