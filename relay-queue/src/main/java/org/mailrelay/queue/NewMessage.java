package org.mailrelay.queue;

import org.mailrelay.core.mail.Content;
import org.mailrelay.core.mail.Envelope;
import org.mailrelay.core.mail.Mid;

/// A message that is to be stored.
///
/// @param prologue our own header fields in wire form, sent before the body
/// @param body     in wire form: CRLF, dot-stuffed, without the final dot's line; the spool owns it from now on
public record NewMessage(Mid mid, Envelope envelope, Origin origin, Content content, byte[] prologue, Body body) {
}
