package org.mailrelay.app.command;

import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/// All commands. Without one the usage is printed.
@Command(name = "mailrelay", description = "An outbound mail relay with a TLS policy per destination domain.", mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        subcommands = {DemoCommand.class, ServeCommand.class, CheckCommand.class, ExplainCommand.class, TlsCheckCommand.class, StatusCommand.class, QueueCommand.class,
            ShowCommand.class, RetryCommand.class, DeleteCommand.class, HoldCommand.class, ReleaseCommand.class, BounceCommand.class,
            RedirectCommand.class, SuspendCommand.class, ResumeCommand.class, TailCommand.class, SpoolCommand.class, TrackCommand.class,
            PolicyCommand.class, TlsReportCommand.class,
            RateCommand.class, OldestCommand.class, TopHostsCommand.class, HostStatusCommand.class, CompletionCommand.class, ReloadCommand.class, UserCommand.class, DkimCommand.class, TraceCommand.class, VersionCommand.class})
public final class Mailrelay implements Runnable {

    @Spec
    private CommandSpec spec = CommandSpec.create();

    /// Exit status 2 is usage everywhere.
    public static CommandLine commandLine() {
        return new CommandLine(new Mailrelay()).setCaseInsensitiveEnumValuesAllowed(true);
    }

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "say what to do:");
    }
}
