package org.mailrelay.app.command;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.Callable;
import org.mailrelay.app.migration.EsaDestinations;
import org.mailrelay.app.migration.Migration;
import org.mailrelay.app.migration.PostfixFiles;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/// Files of other mail systems, turned into ours.
@Command(name = "import", mixinStandardHelpOptions = true, subcommands = {ImportCommand.Esa.class, ImportCommand.Postfix.class},
        description = "Turns the destination controls of a Cisco ESA, or Postfix's maps of TLS policy and transports, into destinations.yaml and routes.yaml, and says what has no equivalent.")
final class ImportCommand implements Runnable {

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "say from what:");
    }

    /// Where the files go.
    private abstract static class Into implements Callable<Integer> {

        @Spec
        private CommandSpec spec = CommandSpec.create();

        @Option(names = "--to", paramLabel = "DIR", defaultValue = ".", description = "The folder for destinations.yaml and routes.yaml, which must not be there yet. Default: here.")
        private Path to = Path.of(".");

        abstract Migration read() throws IOException;

        @Override
        public final Integer call() {
            try {
                Migration found = read();
                write("destinations.yaml", found.destinationsYaml());
                write("routes.yaml", found.routesYaml());
                found.remarks().forEach(spec.commandLine().getOut()::println);
                spec.commandLine().getOut().println(to.resolve("destinations.yaml") + " and " + to.resolve("routes.yaml") + " are written; "
                        + (found.remarks().isEmpty() ? "everything has its equivalent" : found.remarks().size() + " remarks above on what is not in them"));
                return 0;
            } catch (FileAlreadyExistsException there) {
                spec.commandLine().getErr().println("mailrelay: " + there.getMessage() + " is there already; nothing is overwritten");
            } catch (IOException unreadable) {
                spec.commandLine().getErr().println("mailrelay: " + unreadable.getMessage());
            }
            return 1;
        }

        private void write(String name, String text) throws IOException {
            Files.createDirectories(to);
            Files.writeString(to.resolve(name), text, StandardCharsets.UTF_8, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
        }
    }

    @Command(name = "esa", mixinStandardHelpOptions = true, description = "Reads the text file that an ESA's Mail Policies, Destination Controls, Export Table gives.")
    static final class Esa extends Into {

        @Parameters(paramLabel = "FILE", description = "The exported file.")
        private Path file = Path.of("");

        @Override
        Migration read() throws IOException {
            return EsaDestinations.read(file);
        }
    }

    @Command(name = "postfix", mixinStandardHelpOptions = true,
            description = "Reads main.cf (smtp_tls_security_level, smtp_tls_policy_maps, transport_maps, relayhost) and the text of the two maps in the same folder.")
    static final class Postfix extends Into {

        @Parameters(paramLabel = "DIR", description = "The folder, such as /etc/postfix.")
        private Path folder = Path.of("");

        @Override
        Migration read() throws IOException {
            return PostfixFiles.read(folder);
        }
    }
}
