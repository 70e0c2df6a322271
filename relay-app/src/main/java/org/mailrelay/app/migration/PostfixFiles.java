package org.mailrelay.app.migration;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// A folder of Postfix's: `main.cf`, and the maps of TLS policy and transports in their text form.
public final class PostfixFiles {

    /// One logical line: those that begin with a blank belong to the line before.
    record Line(String place, String text) {}

    private PostfixFiles() {
    }

    /// @throws IOException when nothing is there that could be read
    public static Migration read(Path folder) throws IOException {
        Map<String, Line> main = main(folder.resolve("main.cf"));
        Migration found = new Migration();
        Optional.ofNullable(main.get("smtp_tls_security_level")).ifPresent(level -> PostfixTlsPolicy.standard(level, found));
        Path policy = map(folder, main, "smtp_tls_policy_maps", "tls_policy");
        Path transport = map(folder, main, "transport_maps", "transport");
        if (main.isEmpty() && !Files.exists(policy) && !Files.exists(transport)) {
            throw new IOException(folder + " holds neither main.cf nor tls_policy nor transport");
        }
        for (Line line : lines(policy)) {
            PostfixTlsPolicy.read(line, found);
        }
        Optional.ofNullable(main.get("relayhost")).filter(relay -> !relay.text().isEmpty()).ifPresent(relay -> PostfixTransport.relayhost(relay, found));
        for (Line line : lines(transport)) {
            PostfixTransport.read(line, found);
        }
        return found;
    }

    /// The text behind `hash:/etc/postfix/tls_policy`, looked for in the folder by its name; the usual name where main.cf has none.
    private static Path map(Path folder, Map<String, Line> main, String parameter, String usual) {
        String maps = Optional.ofNullable(main.get(parameter)).map(Line::text).filter(text -> !text.isEmpty()).orElse(usual);
        String first = maps.split("[,\\s]+")[0];
        String path = first.substring(first.indexOf(':') + 1);
        return folder.resolve(path.substring(path.lastIndexOf('/') + 1));
    }

    private static Map<String, Line> main(Path file) throws IOException {
        Map<String, Line> parameters = new LinkedHashMap<>();
        for (Line line : lines(file)) {
            int equals = line.text().indexOf('=');
            if (equals > 0) {
                parameters.put(line.text().substring(0, equals).strip(), new Line(line.place(), line.text().substring(equals + 1).strip()));
            }
        }
        return parameters;
    }

    /// Empty for a file that is not there.
    private static List<Line> lines(Path file) throws IOException {
        List<Line> lines = new ArrayList<>();
        if (!Files.exists(file)) {
            return lines;
        }
        String[] physical = Files.readString(file, StandardCharsets.UTF_8).split("\r?\n", -1);
        for (int i = 0; i < physical.length; i++) {
            String text = physical[i];
            if (text.isBlank() || text.strip().startsWith("#")) {
                continue;
            }
            if (!lines.isEmpty() && (text.startsWith(" ") || text.startsWith("\t"))) {
                Line before = lines.removeLast();
                lines.add(new Line(before.place(), before.text() + " " + text.strip()));
            } else {
                lines.add(new Line(file.getFileName() + ":" + (i + 1), text.strip()));
            }
        }
        return lines;
    }
}
