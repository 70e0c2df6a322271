package org.mailrelay.app.serve;

import java.nio.file.Path;
import org.mailrelay.config.ConfigLoader;

/// Where the settings are read.
public interface SettingsSource {

    /// The files, all anew.
    ConfigLoader.Result read();

    /// The folder that is watched for changes.
    Path folder();
}
