package org.mailrelay.app.command;

import java.util.List;
import java.util.concurrent.Callable;
import org.mailrelay.app.serve.JsonText;
import org.mailrelay.config.ConfigLoader;
import org.mailrelay.config.ConfigProblem;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(name = "check", description = "Validate the configuration: every mistake with file:line:column. Exit status 0 or 1.", mixinStandardHelpOptions = true)
final class CheckCommand implements Callable<Integer> {

    @Mixin
    private Configuration configuration = new Configuration();

    @Option(names = "--json", description = "Print JSON.")
    private boolean json;

    @Override
    public Integer call() {
        return switch (ConfigLoader.load(configuration.folder(), configuration.overrides())) {
            case ConfigLoader.Loaded loaded when json -> {
                System.out.println(new JsonText().put("valid", true).putTexts("warnings", List.copyOf(loaded.warnings())));
                yield 0;
            }
            case ConfigLoader.Refused refused when json -> {
                System.out.println(new JsonText().put("valid", false).putObjects("mistakes", refused.problems().stream().map(problem -> new JsonText()
                        .put("file", problem.file()).put("line", problem.line()).put("column", problem.column()).put("text", problem.text())).toList()));
                yield 1;
            }
            case ConfigLoader.Loaded loaded -> {
                loaded.warnings().forEach(warning -> System.out.println("warning: " + warning));
                System.out.println(configuration.folder() + ": no mistakes");
                yield 0;
            }
            case ConfigLoader.Refused refused -> {
                for (ConfigProblem problem : refused.problems()) {
                    System.err.println(problem);
                }
                System.err.println(refused.problems().size() + (refused.problems().size() == 1 ? " mistake" : " mistakes"));
                yield 1;
            }
        };
    }
}
