package org.mailrelay.app.command;

import picocli.CommandLine.Command;

@Command(name = "release", description = "Let the selected messages go on that were held.")
final class ReleaseCommand extends QueueActionCommand {
}
