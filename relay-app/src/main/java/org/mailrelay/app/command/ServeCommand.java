package org.mailrelay.app.command;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import org.mailrelay.app.serve.Relay;
import org.mailrelay.app.serve.SettingsSource;
import org.mailrelay.config.ConfigLoader;
import org.mailrelay.config.ConfigProblem;
import org.mailrelay.core.settings.Settings;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import sun.misc.Signal;

@Command(name = "serve", description = "Run the relay in the foreground. SIGHUP reloads conf/; SIGTERM stops receiving, finishes what is under way and exits.",
        mixinStandardHelpOptions = true)
final class ServeCommand implements Callable<Integer>, SettingsSource {

    @Mixin
    private Configuration configuration = new Configuration();

    @Override
    public Integer call() throws InterruptedException {
        return switch (read()) {
            case ConfigLoader.Refused refused -> {
                for (ConfigProblem problem : refused.problems()) {
                    System.err.println(problem);
                }
                System.err.println("mailrelay: not started: " + refused.problems().size() + (refused.problems().size() == 1 ? " mistake" : " mistakes"));
                yield 1;
            }
            case ConfigLoader.Loaded loaded -> {
                loaded.warnings().forEach(warning -> System.err.println("warning: " + warning));
                yield serve(loaded.settings());
            }
        };
    }

    private int serve(Settings settings) throws InterruptedException {
        PrintStream out = System.out;
        boolean print = settings.relay().log().stdout();
        CountDownLatch asked = new CountDownLatch(1);
        Signal.handle(new Signal("TERM"), _ -> asked.countDown());
        Signal.handle(new Signal("INT"), _ -> asked.countDown());
        try (Relay relay = Relay.start(settings, new Relay.Start(this, lines -> {
            if (print) {
                out.print(lines);
                out.flush();
            }
        }, _ -> { }, Version.number()))) {
            Thread.setDefaultUncaughtExceptionHandler(relay.faults());
            Signal.handle(new Signal("HUP"), _ -> Thread.ofVirtual().name("reload").start(relay::reload));
            if (!print) {
                System.err.println("mailrelay: serving; mail_logs are in " + settings.relay().log().directory());
            }
            asked.await();
            return 0;
        } catch (IOException failed) {
            System.err.println("mailrelay: not started: " + failed.getMessage());
            return 1;
        }
    }

    @Override
    public ConfigLoader.Result read() {
        return ConfigLoader.load(configuration.folder(), configuration.overrides());
    }

    @Override
    public Path folder() {
        return configuration.folder();
    }
}
