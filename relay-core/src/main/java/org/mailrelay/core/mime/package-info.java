/// From 8-bit content to 7-bit, for mail hosts without 8BITMIME (RFC 6152 §3): each part that needs it is encoded, the rest stays as it is. Pure.
///
/// Read [SevenBit] first: how a body is converted in passes, with little memory whatever its size. [MimeReader] finds the parts of a message as
/// its octets pass, [SevenBitPlan] says what becomes of each (or why nothing can be done), [SevenBitWriter] does it, with
/// [QuotedPrintableWriter] and [Base64Writer].
///
/// What is signed is never touched (RFC 1847 §2.1): a message of which a signature would break is not converted, and neither is one whose
/// header holds 8-bit octets. It is returned with a reason instead.
///
/// Sources: RFC 2045 §6 (encodings), RFC 2046 §5 (multipart, message), RFC 1428 §3 (text of unknown charset), RFC 1847 (signed and encrypted parts).
@NullMarked
package org.mailrelay.core.mime;

import org.jspecify.annotations.NullMarked;
