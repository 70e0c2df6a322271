package org.mailrelay.app.command;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import picocli.CommandLine;
import picocli.CommandLine.Model.OptionSpec;

/// Each option of each command can be given: a type that the parser cannot read shows only then.
class CommandLineTest {

    @TestFactory
    List<DynamicTest> everyOptionOfEveryCommandIsRead() {
        return new CommandLine(new Mailrelay()).getSubcommands().entrySet().stream().flatMap(command -> command.getValue().getCommandSpec().options().stream()
                .filter(option -> !option.usageHelp() && !option.versionHelp())
                .map(option -> DynamicTest.dynamicTest(command.getKey() + " " + option.longestName(), () -> reads(command, option)))).toList();
    }

    @Test
    void everyCommandsHelpSaysWhatItDoesAndWhatItsExitStatusMeans() {
        assertThat(all(Mailrelay.commandLine()).toList()).hasSizeGreaterThan(35).allSatisfy(command -> {
            assertThat(command.getCommandSpec().usageMessage().description()).as(command.getCommandName()).isNotEmpty();
            assertThat(command.getUsageMessage()).as(command.getCommandName()).contains("--help", "Exit status:").containsPattern("\n +0 +\\S").containsPattern("\n +2 +\\S");
        });
    }

    private static Stream<CommandLine> all(CommandLine command) {
        return Stream.concat(Stream.of(command), command.getSubcommands().values().stream().flatMap(CommandLineTest::all));
    }

    private static void reads(Map.Entry<String, CommandLine> command, OptionSpec option) {
        Class<?> type = option.isMultiValue() ? option.auxiliaryTypes()[option.auxiliaryTypes().length - 1] : option.type();
        String value = option.arity().max() == 0 ? option.longestName() : option.longestName() + "=" + (option.typeInfo().isMap() ? "key=value" : type.isEnum() ? type.getEnumConstants()[0] : "7");
        CommandLine alone = new CommandLine(command.getValue().getCommandSpec().userObject());
        // What else the command needs is not the question here.
        assertThat(parsed(alone, value)).noneMatch(mistake -> mistake instanceof CommandLine.ParameterException && String.valueOf(mistake.getMessage()).contains("TypeConverter"));
    }

    private static List<Exception> parsed(CommandLine command, String word) {
        command.getCommandSpec().parser().collectErrors(true);
        return command.parseArgs(word).errors();
    }
}
