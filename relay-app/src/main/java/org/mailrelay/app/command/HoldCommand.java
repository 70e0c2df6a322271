package org.mailrelay.app.command;

import picocli.CommandLine.Command;

@Command(name = "hold", description = "Keep the selected messages in the queue: no attempt until they are released, over restarts too.")
final class HoldCommand extends QueueActionCommand {
}
