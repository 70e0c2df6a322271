package org.mailrelay.app.command;

import picocli.CommandLine.Command;

@Command(name = "suspend", description = "Suspend receiving, delivery, or one domain's delivery; queued mail stays queued. It ends with resume, and with the next start.")
final class SuspendCommand extends SwitchCommand {
}
