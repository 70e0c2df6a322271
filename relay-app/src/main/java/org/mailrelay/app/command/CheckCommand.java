package org.mailrelay.app.command;

import java.io.IOException;
import java.io.PrintWriter;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.Callable;
import org.mailrelay.app.json.JsonText;
import org.mailrelay.app.simulate.ExceptionReport;
import org.mailrelay.app.simulate.StoredRecords;
import org.mailrelay.config.ConfigLoader;
import org.mailrelay.config.ConfigProblem;
import org.mailrelay.core.settings.Settings;
import org.mailrelay.observe.simulate.ExceptionNeeds;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

@Command(name = "check", description = "Validate the configuration: every mistake with file:line:column; exceptions that recorded"
        + " attempts would do without. Exit status 0 or 1.", mixinStandardHelpOptions = true)
final class CheckCommand implements Callable<Integer> {

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Mixin
    private Configuration configuration = new Configuration();

    @Option(names = "--json", description = "Print JSON.")
    private boolean json;

    @Override
    public Integer call() {
        return switch (ConfigLoader.load(configuration.folder(), configuration.overrides())) {
            case ConfigLoader.Loaded loaded when json -> {
                Instant now = InstantSource.system().instant();
                out().println(new JsonText().put("valid", true).putTexts("warnings", List.copyOf(loaded.warnings()))
                        .putObjects("exceptions", exceptions(loaded.settings(), now).stream().map(need -> ExceptionReport.json(need, now)).toList()));
                yield 0;
            }
            case ConfigLoader.Refused refused when json -> {
                out().println(new JsonText().put("valid", false).putObjects("mistakes", refused.problems().stream().map(problem -> new JsonText()
                        .put("file", problem.file()).put("line", problem.line()).put("column", problem.column()).put("text", problem.text())).toList()));
                yield 1;
            }
            case ConfigLoader.Loaded loaded -> {
                loaded.warnings().forEach(warning -> out().println("warning: " + warning));
                exceptions(loaded.settings(), InstantSource.system().instant()).stream().filter(ExceptionNeeds.Need::isNeededNoMore)
                        .forEach(need -> ExceptionReport.words(need).ifPresent(words -> out().println("warning: " + words)));
                out().println(configuration.folder() + ": no mistakes");
                yield 0;
            }
            case ConfigLoader.Refused refused -> {
                for (ConfigProblem problem : refused.problems()) {
                    err().println(problem);
                }
                err().println(refused.problems().size() + (refused.problems().size() == 1 ? " mistake" : " mistakes"));
                yield 1;
            }
        };
    }

    /// What the relay of this configuration has recorded says of its exceptions; nothing where there are no records that can be read.
    private List<ExceptionNeeds.Need> exceptions(Settings settings, Instant now) {
        StoredRecords stored = StoredRecords.of(settings.relay());
        try {
            return stored.exist() ? ExceptionReport.of(settings, stored::read, now) : List.of();
        } catch (IOException unreadable) {
            err().println("mailrelay: " + stored.folder() + " cannot be read, so nothing is known of exceptions: " + unreadable.getMessage());
            return List.of();
        }
    }

    private PrintWriter out() {
        return spec.commandLine().getOut();
    }

    private PrintWriter err() {
        return spec.commandLine().getErr();
    }
}
