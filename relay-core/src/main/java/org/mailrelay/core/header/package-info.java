/// What the relay changes in the header of mail that it takes, before it keeps it: nothing, unless a mail flow policy asks for it.
///
/// Read [Hygiene] first: what a policy may ask for. [HeaderRules] is the whole of what is done to a header, one pure function from
/// [HeaderBlock] to [HeaderBlock]; [Masquerade] and [AddressRewriter] are its rewriting of senders. [HeaderGate] holds a message's header
/// back until it is whole, and lets the content behind it pass untouched. Whoever signs a message sees the header behind the gate.
///
/// Fields that come on top (Received, a missing Date or Message-ID) are no change: they are kept beside the envelope, and no octet of the
/// message moves for them.
///
/// Sources: RFC 5322 §2.2 and §3.6 (fields), RFC 6409 §8 (what a submission server may change).
@NullMarked
package org.mailrelay.core.header;

import org.jspecify.annotations.NullMarked;
