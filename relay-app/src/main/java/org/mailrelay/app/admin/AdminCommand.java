package org.mailrelay.app.admin;

import java.io.IOException;
import java.util.List;

/// One command of a running relay.
@FunctionalInterface
public interface AdminCommand {

    /// Where a command's lines go. A line that cannot be written (the other side left) ends the command.
    @FunctionalInterface
    interface Output {
        void line(String text) throws IOException;

        /// What was said so far goes out now; else it does so when there is more of it, and at the end.
        default void flush() throws IOException {
        }
    }

    /// @param arguments the words behind the command's name
    /// @return the exit status: 0 done, 1 the answer is no, 2 usage
    int run(List<String> arguments, Output out) throws IOException;
}
