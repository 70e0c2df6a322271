package org.mailrelay.app.command;

import picocli.CommandLine.Command;

@Command(name = "resume", description = "Resume receiving, delivery, or one domain's delivery.")
final class ResumeCommand extends SwitchCommand {
}
