package org.mailrelay.app.command;

import java.io.Console;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import org.mailrelay.app.json.JsonText;
import org.mailrelay.config.ConfigLoader;
import org.mailrelay.queue.SpoolCheck;
import org.mailrelay.queue.SpoolInUseException;
import org.mailrelay.queue.SpoolProblem;
import org.mailrelay.queue.SpoolRepair;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

@Command(name = "spool", description = "Look at the spool of a stopped relay, or repair it.", mixinStandardHelpOptions = true,
        subcommands = {SpoolCommand.Check.class, SpoolCommand.Repair.class})
final class SpoolCommand implements Runnable {

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "say what to do:");
    }

    private interface Work {
        int on(Path spool) throws IOException;
    }

    /// @return the exit status; 1 also where there is no spool to look at
    private static int withSpool(Configuration configuration, Work work) {
        return switch (ConfigLoader.load(configuration.folder(), configuration.overrides())) {
            case ConfigLoader.Loaded loaded -> {
                Path spool = loaded.settings().relay().spool().directory();
                try {
                    yield work.on(spool);
                } catch (SpoolInUseException inUse) {
                    System.err.println(inUse.getMessage());
                } catch (NoSuchFileException none) {
                    System.err.println("there is no spool in " + spool);
                } catch (IOException failed) {
                    System.err.println(spool + ": " + failed);
                }
                yield 1;
            }
            case ConfigLoader.Refused refused -> {
                refused.problems().forEach(System.err::println);
                yield 1;
            }
        };
    }

    @Command(name = "check", mixinStandardHelpOptions = true, description = "Read every record and body of the spool of a stopped relay and change nothing."
            + " What is damaged is printed with file and offset. Exit status 0 when nothing is, else 1.")
    static final class Check implements Callable<Integer> {

        @Mixin
        private Configuration configuration = new Configuration();

        @Option(names = "--json", description = "Print JSON.")
        private boolean json;

        @Override
        public Integer call() {
            return withSpool(configuration, spool -> {
                SpoolCheck.Report report = SpoolCheck.run(spool);
                if (json) {
                    System.out.println(asJson(report));
                } else {
                    report.problems().forEach(problem -> System.out.println(line(problem)));
                    System.out.println(spool + ": " + report.segments() + " segments, " + report.messages() + " messages, " + report.octets() + " octets, "
                            + (report.sound() ? "nothing is damaged" : "damaged; `mailrelay spool repair` salvages the rest"));
                }
                return report.sound() ? 0 : 1;
            });
        }

        private static String asJson(SpoolCheck.Report report) {
            JsonText json = new JsonText().put("sound", report.sound()).put("segments", report.segments()).put("messages", report.messages()).put("octets", report.octets());
            return json.putObjects("problems", report.problems().stream().map(Check::asJson).toList()).toString();
        }

        private static JsonText asJson(SpoolProblem problem) {
            JsonText json = new JsonText().put("severity", problem.severity() == SpoolProblem.Severity.CRITICAL ? "critical" : "warning").put("file", problem.file());
            return (problem.offset() < 0 ? json : json.put("offset", problem.offset())).put("detail", problem.detail());
        }
    }

    @Command(name = "repair", mixinStandardHelpOptions = true, description = "Bring what is sound in the spool of a stopped relay into clean segments, set what is damaged aside in"
            + " its folder damaged, and say what was lost. Nothing is deleted. Exit status 0 when all is sound now.")
    static final class Repair implements Callable<Integer> {

        @Mixin
        private Configuration configuration = new Configuration();

        @Option(names = "--yes", description = "Do not ask.")
        private boolean yes;

        @Override
        public Integer call() {
            return withSpool(configuration, spool -> {
                if (!yes && !agreed(spool)) {
                    return 1;
                }
                List<SpoolProblem> lost = SpoolRepair.run(spool);
                lost.forEach(problem -> System.out.println("lost: " + line(problem)));
                System.out.println(lost.isEmpty() ? spool + ": nothing is damaged, nothing was changed"
                        : spool + ": repaired; what was damaged is kept in " + spool.resolve("damaged"));
                return SpoolCheck.run(spool).sound() ? 0 : 1;
            });
        }

        private static boolean agreed(Path spool) {
            Console console = System.console();
            String answer = console == null ? null : console.readLine("rewrite the damaged segments of %s? [y/N] ", spool);
            if (answer == null || !(answer.equals("y") || answer.equals("yes"))) {
                System.err.println(console == null ? "nobody to ask here: say --yes" : "nothing done");
                return false;
            }
            return true;
        }
    }

    private static String line(SpoolProblem problem) {
        return (problem.severity() == SpoolProblem.Severity.CRITICAL ? "" : "warning: ") + problem;
    }
}
