package org.mailrelay.app.command;

import picocli.CommandLine.Command;

@Command(name = "retry", description = "Try the selected messages now.")
final class RetryCommand extends QueueActionCommand {
}
