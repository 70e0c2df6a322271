package org.mailrelay.app.command;

import java.util.Map;
import java.util.TreeMap;
import picocli.CommandLine.Model.UsageMessageSpec;
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
            RateCommand.class, OldestCommand.class, TopHostsCommand.class, HostStatusCommand.class, CompletionCommand.class, ReloadCommand.class, UserCommand.class, DkimCommand.class, ImportCommand.class, TraceCommand.class, VersionCommand.class})
public final class Mailrelay implements Runnable {

    @Spec
    private CommandSpec spec = CommandSpec.create();

    /// Exit status 2 is usage everywhere.
    public static CommandLine commandLine() {
        CommandLine line = new CommandLine(new Mailrelay()).setCaseInsensitiveEnumValuesAllowed(true);
        tellExitStatus(line);
        return line;
    }

    /// Where a command's help says nothing of its own.
    private static void tellExitStatus(CommandLine line) {
        UsageMessageSpec usage = line.getCommandSpec().usageMessage();
        if (usage.exitCodeList().isEmpty()) {
            usage.exitCodeListHeading("Exit status:%n").exitCodeList(new TreeMap<>(Map.of("0", "done", "1", "the answer is no, or it could not be done", "2", "wrong usage")));
        }
        line.getSubcommands().values().forEach(Mailrelay::tellExitStatus);
    }

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "say what to do:");
    }
}
