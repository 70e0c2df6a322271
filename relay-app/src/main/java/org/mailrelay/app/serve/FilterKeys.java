package org.mailrelay.app.serve;

import java.util.List;
import org.mailrelay.config.Units;

/// What is said of a filter's key that there is not.
final class FilterKeys {

    private FilterKeys() {
    }

    static String unknown(String key, List<String> known) {
        return "unknown key '" + key + "'" + Units.nearest(key, known).map(near -> ", did you mean '" + near + "'?").orElse("; known are " + String.join(" ", known));
    }
}
