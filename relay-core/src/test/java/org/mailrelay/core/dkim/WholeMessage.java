package org.mailrelay.core.dkim;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Pattern;

/// The forms of RFC 6376 §3.4 written down a second time, over a whole message and in another way: what the streaming code is compared with.
final class WholeMessage {

    final String header;
    final String body;

    /// @param wire dot-stuffed content
    WholeMessage(String wire, boolean stuffed) {
        String content = stuffed ? Pattern.compile("(?:(?<=\\r\\n)|\\A)\\.").matcher(wire).replaceAll("") : wire;
        int end = content.startsWith("\r\n") ? 0 : content.indexOf("\r\n\r\n");
        header = end < 0 ? content : content.substring(0, end == 0 ? 0 : end + 2);
        body = end < 0 ? "" : content.substring(end == 0 ? 2 : end + 4);
    }

    String body(Form form) {
        List<String> lines = new ArrayList<>(Arrays.asList(body.split("\r\n", -1)));
        if (form == Form.RELAXED) {
            lines.replaceAll(line -> line.replaceAll("[ \t]+", " ").replaceAll(" \\z", ""));
        }
        while (!lines.isEmpty() && lines.getLast().isEmpty()) {
            lines.removeLast();
        }
        return lines.isEmpty() ? form == Form.SIMPLE ? "\r\n" : "" : String.join("\r\n", lines) + "\r\n";
    }

    static byte[] octets(String text) {
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }
}
