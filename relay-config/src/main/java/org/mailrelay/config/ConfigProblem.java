package org.mailrelay.config;

/// One mistake, where it stands, what was found and what was expected. Lines and columns count from 1.
public record ConfigProblem(String file, int line, int column, String text) {

    @Override
    public String toString() {
        return file + ":" + line + ":" + column + ": " + text;
    }
}
