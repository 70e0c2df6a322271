package org.mailrelay.config;

/// One key of a file, for the reference page.
///
/// @param path      sections with dots; for one of several mappings of a kind, the kind first (`listener.name`)
/// @param type      what is accepted
/// @param otherwise the default as it would stand in the file; empty where there is none
public record ConfigKey(String path, String type, String otherwise, String sentence) {}
