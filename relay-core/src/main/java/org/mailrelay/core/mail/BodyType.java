package org.mailrelay.core.mail;

/// What the sender declared of its content (RFC 6152 §2, RFC 3030 §3). Content is looked at as well: see [Content#eightBit].
public enum BodyType { SEVEN_BIT, EIGHT_BIT_MIME, BINARY_MIME }
