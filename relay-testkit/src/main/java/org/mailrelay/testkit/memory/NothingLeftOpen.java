package org.mailrelay.testkit.memory;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/// After each test class: every socket that it opened is closed, and every buffer that it took was given back.
///
/// JUnit finds it by `META-INF/services` in each module whose `junit-platform.properties` asks for that. Sockets are counted where the system tells of
/// them (`/proc/self/fd`); a class may have until [#PATIENCE] to close what its threads still hold. Buffers are followed by Netty's detector at its
/// strictest, which keeps what it finds in [Leaks].
public final class NothingLeftOpen implements BeforeAllCallback, AfterAllCallback {

    private static final long PATIENCE = TimeUnit.SECONDS.toNanos(10);
    private static final Path DESCRIPTORS = Path.of("/proc/self/fd");

    /// A Unix socket without a name, which the JDK keeps one of to close others, and that by which agents are loaded.
    private static final Pattern JVM_OWN = Pattern.compile("unix (\\S+ +){6}\\S+( .*/\\.java_pid.*)?");

    static {
        // Read by Netty when its first buffer class is loaded: extensions are made before any test class is.
        System.setProperty("io.netty.leakDetection.level", "paranoid");
        System.setProperty("io.netty.customResourceLeakDetector", Leaks.class.getName());
    }

    private Set<String> before = Set.of();

    @Override
    public void beforeAll(ExtensionContext context) {
        if (outermost(context)) {
            before = sockets();
        }
    }

    @Override
    public void afterAll(ExtensionContext context) {
        if (!outermost(context)) {
            return;
        }
        long until = System.nanoTime() + PATIENCE;
        Set<String> left = opened();
        while (!left.isEmpty() && System.nanoTime() < until) {
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(5));
            left = opened();
        }
        if (!left.isEmpty()) {
            throw new AssertionError(context.getDisplayName() + " left " + left.size() + " sockets open: " + left.stream().map(NothingLeftOpen::described).toList());
        }
        List<String> lost = Leaks.found();
        if (!lost.isEmpty()) {
            Leaks.forget();
            throw new AssertionError(context.getDisplayName() + " lost " + lost.size() + " buffers: " + String.join("\n", lost));
        }
    }

    private static boolean outermost(ExtensionContext context) {
        return context.getRequiredTestClass().getEnclosingClass() == null;
    }

    private Set<String> opened() {
        Set<String> now = sockets();
        now.removeAll(before);
        now.removeIf(socket -> JVM_OWN.matcher(described(socket)).matches());
        return now;
    }

    /// By their numbers in the kernel: `socket:[4711]`.
    private static Set<String> sockets() {
        Set<String> found = new HashSet<>();
        if (!Files.isDirectory(DESCRIPTORS)) {
            return found;
        }
        try (DirectoryStream<Path> all = Files.newDirectoryStream(DESCRIPTORS)) {
            for (Path descriptor : all) {
                String target = target(descriptor);
                if (target.startsWith("socket:")) {
                    found.add(target);
                }
            }
        } catch (IOException unreadable) {
            throw new AssertionError(unreadable);
        }
        return found;
    }

    /// With the line of the kernel's table in which it stands: addresses and state in hexadecimal.
    private static String described(String socket) {
        String inode = socket.replaceAll("[^0-9]", "");
        for (String table : List.of("tcp", "tcp6", "udp", "udp6", "unix")) {
            try (Stream<String> lines = Files.lines(Path.of("/proc/net", table))) {
                Optional<String> line = lines.filter(each -> List.of(each.strip().split("\\s+")).contains(inode)).findFirst();
                if (line.isPresent()) {
                    return table + " " + line.get().strip();
                }
            } catch (IOException unreadable) {
                return socket;
            }
        }
        return socket;
    }

    private static String target(Path descriptor) {
        try {
            return Files.readSymbolicLink(descriptor).toString();
        } catch (IOException closedMeanwhile) {
            return "";
        }
    }
}
