package org.mailrelay.app.command;

import picocli.CommandLine.Command;

@Command(name = "bounce", description = "Take the selected messages out of the queue, with a report to their senders.")
final class BounceCommand extends QueueActionCommand {
}
