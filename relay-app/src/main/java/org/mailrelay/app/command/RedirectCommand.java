package org.mailrelay.app.command;

import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

@Command(name = "redirect", description = "Send the selected messages to another host than routes or DNS name, over restarts too. The TLS policy of their domain stays.")
final class RedirectCommand extends QueueActionCommand {

    @Option(names = "--to", required = true, paramLabel = "HOST", description = "Where: mx.example.com, mx.example.com:587, 192.0.2.7, [2001:db8::7]:25.")
    private String to = "";

    @Override
    List<String> options() {
        return List.of("--to=" + to);
    }
}
