package org.mailrelay.app.command;

import picocli.CommandLine.Command;

@Command(name = "delete", description = "Delete the selected messages; nothing is sent to their senders.")
final class DeleteCommand extends QueueActionCommand {
}
