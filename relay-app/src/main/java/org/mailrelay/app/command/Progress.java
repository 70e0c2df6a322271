package org.mailrelay.app.command;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/// Says on a terminal that a command is still at work, once it takes over a second; says nothing elsewhere.
final class Progress {

    private final CountDownLatch ended = new CountDownLatch(1);

    private Progress() {
    }

    static Progress begin(String command) {
        Progress progress = new Progress();
        if (!command.equals("tail") && System.console() != null && System.console().isTerminal()) {
            Thread.ofVirtual().name("progress").start(() -> progress.show(command));
        }
        return progress;
    }

    private void show(String command) {
        try {
            String shown = "";
            for (int seconds = 1; !ended.await(1, TimeUnit.SECONDS); seconds++) {
                shown = command + ": at work for " + seconds + " s ";
                System.err.print("\r" + shown);
                System.err.flush();
            }
            if (!shown.isEmpty()) {
                System.err.print("\r" + " ".repeat(shown.length()) + "\r");
            }
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }

    /// The first line of the answer has come, or the end.
    void end() {
        ended.countDown();
    }
}
