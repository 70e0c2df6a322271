/// DKIM signatures: what is signed, in which form, with which field as the result. No key is used and no octet is read or written here.
///
/// In the order of a message: [HeaderCollector] keeps the header block as it passes, bounded; [SigningRules] decides whose key signs it, from the
/// From field ([FromField]) or the envelope; [BodyCanonicalizer] brings the body to the form that is hashed, in pieces of any size; [FieldSelection]
/// picks the fields that are signed; [SignatureField] writes the field. [MessageWatch] is all of that for one message. [KeyRecord] is the DNS side,
/// [TagList] the syntax of both, [SigningKey] what a key file holds.
///
/// [MailSigning] is the seam: whoever takes a message in shows each octet that goes into the spool, after every change that is made to it, and is
/// given the fields that go on top.
///
/// Sources: RFC 6376 (DKIM), RFC 8301 (key sizes), RFC 8463 (Ed25519), RFC 8616 (internationalised names).
@NullMarked
package org.mailrelay.core.dkim;

import org.jspecify.annotations.NullMarked;
