package org.mailrelay.app.command;

import java.io.IOException;
import java.io.InputStream;
import java.util.Properties;
import picocli.CommandLine.IVersionProvider;

/// The version that the build wrote into the jar.
public final class Version implements IVersionProvider {

    /// `0.1.0`
    public static String number() {
        Properties properties = new Properties();
        try (InputStream in = Version.class.getResourceAsStream("/org/mailrelay/app/version.properties")) {
            properties.load(java.util.Objects.requireNonNull(in, "version.properties is missing from the build"));
        } catch (IOException unreadable) {
            throw new IllegalStateException(unreadable);
        }
        return properties.getProperty("version");
    }

    @Override
    public String[] getVersion() {
        return new String[] {"mailrelay " + number(), "Java " + Runtime.version()};
    }
}
