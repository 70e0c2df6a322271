package org.mailrelay.app.command;

import java.io.BufferedReader;
import java.io.Console;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.mailrelay.config.ConfigLoader;
import org.mailrelay.core.access.SenderPattern;
import org.mailrelay.listener.auth.UserFile;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/// Users who may authenticate (`authentication.users` of `access.yaml`). A running relay sees the changed file by itself.
@Command(name = "user", description = "Adds, removes and lists the users who may authenticate.", mixinStandardHelpOptions = true,
        subcommands = {UserCommand.Add.class, UserCommand.Remove.class, UserCommand.Names.class})
final class UserCommand implements Runnable {

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "say what to do:");
    }

    /// Which file; where the configuration names none, `--file` must.
    static final class Target {

        @Mixin
        private Configuration configuration = new Configuration();

        @Option(names = "--file", paramLabel = "FILE", description = "The file of users. Default: authentication.users of access.yaml.")
        private Optional<Path> file = Optional.empty();

        Path path() throws IOException {
            if (file.isPresent()) {
                return file.get();
            }
            if (ConfigLoader.load(configuration.folder(), configuration.overrides()) instanceof ConfigLoader.Loaded loaded) {
                return loaded.settings().authSources().users().orElseThrow(() -> new IOException("access.yaml names no authentication.users: say --file"));
            }
            throw new IOException("the configuration has mistakes (see mailrelay check): say --file");
        }

        static UserFile read(Path path) throws IOException {
            return Files.exists(path) ? UserFile.read(path) : UserFile.empty();
        }
    }

    @Command(name = "add", description = "Adds a user, or gives one another password; it is read from the terminal, or from the first line of the input.", mixinStandardHelpOptions = true)
    static final class Add implements Callable<Integer> {

        @Mixin
        private Target target = new Target();

        @Option(names = "--sender", paramLabel = "ADDRESS", description = "What the user may send as: an address, @domain or .domain. May be given more than once; without it anything.")
        private List<String> senders = List.of();

        @Parameters(paramLabel = "NAME")
        private String name = "";

        @Override
        public Integer call() {
            for (String sender : senders) {
                if (SenderPattern.parse(sender).isEmpty() || sender.indexOf(',') >= 0) {
                    return mistake("not an address, @domain or .domain: " + sender, 2);
                }
            }
            try {
                Path path = target.path();
                String password = password();
                if (password.isEmpty() || password.length() > 255) {
                    return mistake("the password is empty or too long", 2);
                }
                Target.read(path).with(name, password, senders, new SecureRandom()).write(path);
                return 0;
            } catch (IOException failed) {
                return mistake(String.valueOf(failed.getMessage()), 1);
            } catch (IllegalArgumentException badName) {
                return mistake(String.valueOf(badName.getMessage()), 2);
            }
        }

        private static String password() throws IOException {
            Console console = System.console();
            if (console != null && console.isTerminal()) {
                char[] typed = console.readPassword("Password: ");
                return typed == null ? "" : new String(typed);
            }
            String line = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8)).readLine();
            return line == null ? "" : line;
        }
    }

    @Command(name = "remove", description = "Removes a user.", mixinStandardHelpOptions = true)
    static final class Remove implements Callable<Integer> {

        @Mixin
        private Target target = new Target();

        @Parameters(paramLabel = "NAME")
        private String name = "";

        @Override
        public Integer call() {
            try {
                Path path = target.path();
                UserFile users = UserFile.read(path);
                if (!users.names().contains(name)) {
                    return mistake("no user " + name + " in " + path, 1);
                }
                users.without(name).write(path);
                return 0;
            } catch (IOException failed) {
                return mistake(String.valueOf(failed.getMessage()), 1);
            }
        }
    }

    @Command(name = "list", description = "Lists users and what they may send as.", mixinStandardHelpOptions = true)
    static final class Names implements Callable<Integer> {

        @Mixin
        private Target target = new Target();

        @Override
        public Integer call() {
            try {
                UserFile users = UserFile.read(target.path());
                users.names().forEach(name -> System.out.println(name + (users.senders(name).isEmpty() ? "" : " " + String.join(" ", users.senders(name)))));
                return 0;
            } catch (IOException failed) {
                return mistake(String.valueOf(failed.getMessage()), 1);
            }
        }
    }

    private static int mistake(String text, int status) {
        System.err.println("mailrelay: " + text);
        return status;
    }
}
