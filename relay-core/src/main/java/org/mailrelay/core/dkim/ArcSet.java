package org.mailrelay.core.dkim;

/// The three fields of one hop that sealed (RFC 8617 §4.2.1).
public record ArcSet(int instance, HeaderField results, HeaderField message, HeaderField seal) {}
