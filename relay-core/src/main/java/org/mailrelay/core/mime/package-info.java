/// From binary or 8-bit content to 7-bit, for mail hosts that take no more (RFC 6152 §3, RFC 3030 §3) and for signatures that shall last, and from lines
/// that are too long to lines that are not: each part that needs it is encoded, the rest stays as it is. Pure.
///
/// Read [SevenBit] first: how a body is converted in passes, with little memory whatever its size. [MimeReader] finds the parts of a message as
/// its octets pass, [SevenBitPlan] says what becomes of each (or why nothing can be done), [SevenBitWriter] does it, with
/// [QuotedPrintableWriter], [Base64Writer] and [Base64Lines]; [Folding] is for headers.
///
/// What is signed is never touched (RFC 1847 §2.1): a message of which a signature would break is not converted, and neither to 7 bits is one whose
/// header holds 8-bit octets. There is a reason instead.
///
/// Sources: RFC 2045 §6 (encodings), RFC 2046 §5 (multipart, message), RFC 1428 §3 (text of unknown charset), RFC 1847 (signed and encrypted parts).
@NullMarked
package org.mailrelay.core.mime;

import org.jspecify.annotations.NullMarked;
