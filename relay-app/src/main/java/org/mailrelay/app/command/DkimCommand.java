package org.mailrelay.app.command;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.security.KeyPairGenerator;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.mailrelay.app.json.JsonText;
import org.mailrelay.config.ConfigLoader;
import org.mailrelay.core.dkim.DkimSettings;
import org.mailrelay.core.dkim.SigningKey;
import org.mailrelay.core.mail.Domain;
import org.mailrelay.core.settings.Settings;
import org.mailrelay.net.dns.MailResolver;
import org.mailrelay.net.dns.TextLookup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/// Keys that sign mail, and what DNS must hold of them.
@Command(name = "dkim", description = "Makes keys that sign mail, prints their DNS records, and holds these against DNS.", mixinStandardHelpOptions = true,
        subcommands = {DkimCommand.Keygen.class, DkimCommand.Print.class, DkimCommand.Check.class})
final class DkimCommand implements Runnable {

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "say what to do:");
    }

    private static Domain domain(CommandSpec spec, String text) {
        return Domain.parse(text).orElseThrow(() -> new ParameterException(spec.commandLine(), "not a domain name: " + text));
    }

    enum Type { RSA, ED25519 }

    @Command(name = "keygen", mixinStandardHelpOptions = true, description = {
        "Makes a private key, in a new file that only its owner can read, and prints the record and the lines of relay.yaml for it. A file that is there is never overwritten."},
            exitCodeListHeading = "Exit status:%n", exitCodeList = {"0:the key is made", "1:the file is there already, or cannot be written", "2:wrong usage"})
    static final class Keygen implements Callable<Integer> {

        @Spec
        private CommandSpec spec = CommandSpec.create();

        @Option(names = "--type", paramLabel = "TYPE", defaultValue = "rsa", description = "rsa or ed25519. Default: ${DEFAULT-VALUE}.")
        private Type type = Type.RSA;

        @Option(names = "--bits", paramLabel = "BITS", defaultValue = "2048", description = "Of an RSA key: 2048 to 4096. Default: ${DEFAULT-VALUE}.")
        private int bits = 2_048;

        @Option(names = "--file", paramLabel = "FILE", description = "Default: SELECTOR.DOMAIN.pem here.")
        private @Nullable Path file;

        @Parameters(index = "0", paramLabel = "DOMAIN", description = "Who will sign.")
        private String domainText = "";

        @Parameters(index = "1", paramLabel = "SELECTOR", description = "The key's name, such as s2026.")
        private String selectorText = "";

        @Override
        public Integer call() {
            Domain domain = domain(spec, domainText);
            Domain selector = domain(spec, selectorText);
            if (bits < SigningKey.GOOD_BITS || bits > 4_096) {
                throw new ParameterException(spec.commandLine(), "--bits must be from 2048 to 4096");
            }
            Path path = file == null ? Path.of(selector + "." + domain + ".pem") : file;
            if (Files.exists(path)) {
                return alreadyThere(path);   // before the time that a key takes
            }
            String pem = pem();
            try {
                Files.write(Files.createFile(path, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"))), pem.getBytes(StandardCharsets.US_ASCII),
                        StandardOpenOption.WRITE, StandardOpenOption.SYNC);
            } catch (FileAlreadyExistsException there) {
                return alreadyThere(path);
            } catch (IOException unwritable) {
                spec.commandLine().getErr().println("mailrelay: cannot write " + unwritable.getMessage());
                return 1;
            }
            SigningKey key = ((SigningKey.Usable) SigningKey.parse(pem)).key();
            DkimRecords.Entry entry = new DkimRecords.Entry(domain, new DkimSettings.Key(selector, key, path, Set.of(DkimSettings.Key.ALL)));
            PrintWriter out = spec.commandLine().getOut();
            out.println(path + ": " + key);
            out.println();
            out.println(entry.record().zoneLine(entry.name().name()));
            out.println();
            out.println("dkim: {domains: {" + domain + ": {keys: [{selector: " + selector + ", file: " + path.toAbsolutePath() + "}]}}}");
            return 0;
        }

        private int alreadyThere(Path path) {
            spec.commandLine().getErr().println("mailrelay: " + path + " is there already; a key is never overwritten");
            return 1;
        }

        private String pem() {
            try {
                KeyPairGenerator generator = KeyPairGenerator.getInstance(type == Type.RSA ? "RSA" : "Ed25519");
                if (type == Type.RSA) {
                    generator.initialize(bits);
                }
                return "-----BEGIN PRIVATE KEY-----\n" + Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(generator.generateKeyPair().getPrivate().getEncoded())
                        + "\n-----END PRIVATE KEY-----\n";
            } catch (GeneralSecurityException impossible) {
                throw new IllegalStateException(impossible);
            }
        }
    }

    /// Which keys: of the configuration, all or those that sign for domains that are named.
    static final class Which {

        @Mixin
        private Configuration configuration = new Configuration();

        @Option(names = "--json", description = "Print JSON.")
        private boolean json;

        @Parameters(paramLabel = "DOMAIN", arity = "0..*", description = "Senders' domains. Default: all keys of the configuration whose domain is known.")
        private List<String> domains = List.of();

        /// Empty list with `problems` filled where there is nothing to work with.
        List<DkimRecords.Entry> entries(CommandSpec spec, Settings settings, List<String> problems) {
            if (domains.isEmpty()) {
                List<DkimRecords.Entry> all = DkimRecords.all(settings.dkim());
                if (all.isEmpty()) {
                    problems.add("the configuration names no key whose domain is known beforehand (dkim.domains of relay.yaml)");
                }
                return all;
            }
            List<DkimRecords.Entry> found = new ArrayList<>();
            for (String text : domains) {
                DkimRecords.of(settings.dkim(), domain(spec, text)).ifPresentOrElse(found::addAll, () -> problems.add("mail of " + text + " is not signed: no entry of dkim.domains is for it"));
            }
            return found;
        }

        /// @return empty where the configuration has mistakes, which are printed
        Optional<Settings> settings(CommandSpec spec) {
            return switch (ConfigLoader.load(configuration.folder(), configuration.overrides())) {
                case ConfigLoader.Loaded loaded -> Optional.of(loaded.settings());
                case ConfigLoader.Refused refused -> {
                    refused.problems().forEach(spec.commandLine().getErr()::println);
                    yield Optional.empty();
                }
            };
        }
    }

    @Command(name = "record", mixinStandardHelpOptions = true, description = "Prints the TXT records that DNS must hold, as a zone file has them.",
            exitCodeListHeading = "Exit status:%n", exitCodeList = {"0:printed", "1:no key, or the configuration has mistakes", "2:wrong usage"})
    static final class Print implements Callable<Integer> {

        @Spec
        private CommandSpec spec = CommandSpec.create();

        @Mixin
        private Which which = new Which();

        @Option(names = "--bare", description = "Print name and text in one piece each, as web forms want them.")
        private boolean bare;

        @Override
        public Integer call() {
            List<String> problems = new ArrayList<>();
            Optional<Settings> settings = which.settings(spec);
            if (settings.isEmpty()) {
                return 1;
            }
            List<DkimRecords.Entry> entries = which.entries(spec, settings.get(), problems);
            PrintWriter out = spec.commandLine().getOut();
            if (which.json) {
                out.println(new JsonText().putObjects("records", entries.stream().map(entry -> new JsonText().put("domain", entry.domain().name()).put("selector", entry.key().selector().name())
                        .put("name", entry.name().name()).put("text", entry.record().text()).put("key", entry.key().key().toString())).toList()));
            } else {
                entries.forEach(entry -> out.println(bare ? entry.name() + "\t" + entry.record().text() : entry.record().zoneLine(entry.name().name())));
            }
            problems.forEach(problem -> spec.commandLine().getErr().println("mailrelay: " + problem));
            return problems.isEmpty() ? 0 : 1;
        }
    }

    @Command(name = "check", mixinStandardHelpOptions = true, description = "Looks the records up by the relay's name servers and holds them against the keys.",
            exitCodeListHeading = "Exit status:%n", exitCodeList = {"0:all fit", "1:one does not or cannot be looked up, no key, or the configuration has mistakes", "2:wrong usage"})
    static final class Check implements Callable<Integer> {

        private record Found(DkimRecords.Entry entry, List<String> faults) {}

        @Spec
        private CommandSpec spec = CommandSpec.create();

        @Mixin
        private Which which = new Which();

        @Override
        public Integer call() {
            Optional<Settings> settings = which.settings(spec);
            if (settings.isEmpty()) {
                return 1;
            }
            List<String> problems = new ArrayList<>();
            MailResolver resolver = new MailResolver(settings.get().relay().dns(), InstantSource.system(), (_, _, _, _) -> { });
            List<Found> found = which.entries(spec, settings.get(), problems).stream().map(entry -> new Found(entry, faults(resolver, entry))).toList();
            PrintWriter out = spec.commandLine().getOut();
            if (which.json) {
                out.println(new JsonText().putObjects("keys", found.stream().map(one -> new JsonText().put("domain", one.entry().domain().name())
                        .put("selector", one.entry().key().selector().name()).put("name", one.entry().name().name()).put("fits", one.faults().isEmpty())
                        .putTexts("faults", one.faults())).toList()));
            } else {
                found.forEach(one -> out.println(one.entry().name() + ": " + (one.faults().isEmpty() ? "ok, " + one.entry().key().key() : String.join("; ", one.faults()))));
            }
            problems.forEach(problem -> spec.commandLine().getErr().println("mailrelay: " + problem));
            return problems.isEmpty() && found.stream().allMatch(one -> one.faults().isEmpty()) ? 0 : 1;
        }

        private static List<String> faults(MailResolver resolver, DkimRecords.Entry entry) {
            return switch (resolver.texts(entry.name())) {
                case TextLookup.Found(List<String> texts) -> entry.record().faults(texts);
                case TextLookup.Failed failed -> List.of("cannot be looked up: " + failed.why().words());
            };
        }
    }
}
