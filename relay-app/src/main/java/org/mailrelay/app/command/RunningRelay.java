package org.mailrelay.app.command;

import java.util.List;
import org.mailrelay.app.admin.AdminClient;

/// The relay that this configuration started, reached over its admin socket.
final class RunningRelay {

    private final AdminClient client;

    RunningRelay(Configuration configuration) {
        this.client = new AdminClient(AdminSocketPath.of(configuration));
    }

    /// Prints what the relay answers.
    ///
    /// @return the exit status the relay gave; 1 when there is none
    int run(List<String> words) {
        Progress progress = Progress.begin(words.getFirst());
        AdminClient.Answer answer = client.run(words, line -> {
            progress.end();
            System.out.println(line);
        });
        progress.end();
        return switch (answer) {
            case AdminClient.Answer.Ended(int status) -> status;
            case AdminClient.Answer.NoRelay(String detail) -> {
                System.err.println("mailrelay: " + detail);
                yield 1;
            }
        };
    }
}
