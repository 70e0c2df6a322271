package org.mailrelay.queue;

import java.io.IOException;

/// The spool cannot be opened: another process has it, or a newer relay wrote it. The text says which.
public final class SpoolInUseException extends IOException {

    private static final long serialVersionUID = 1L;

    SpoolInUseException(String text) {
        super(text);
    }
}
