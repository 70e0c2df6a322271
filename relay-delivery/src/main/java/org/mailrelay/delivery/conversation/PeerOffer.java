package org.mailrelay.delivery.conversation;

import java.util.OptionalLong;

/// What the host offers in the state in which mail will be sent. Nothing in it was learnt before the handshake.
public record PeerOffer(boolean encrypted, boolean pipelining, boolean eightBitMime, boolean sizeOffered, OptionalLong sizeLimit) {
}
