package org.mailrelay.core.mail;

/// `ORCPT=` of RCPT: whom the message was for at first (RFC 3461 §4.2). Passed on and reported, never sent to.
///
/// @param type    of the address, as it was written: `rfc822`, or `utf-8` (RFC 6533 §3)
/// @param address decoded: printable ASCII, and beyond it only in type `utf-8`
public record OriginalRecipient(String type, String address) {

    /// RFC 3461 §4.2: the parameter's value in its encoded form.
    public static final int MAX_ENCODED = 500;

    public OriginalRecipient {
        if (type.isEmpty() || type.length() + address.length() + 1 > MAX_ENCODED) {
            throw new IllegalArgumentException("an original recipient of " + (type.length() + address.length() + 1) + " characters");
        }
        for (int i = 0; i < type.length(); i++) {
            char c = type.charAt(i);
            if (c <= 0x20 || c > 0x7e || c == ';') {
                throw new IllegalArgumentException("character " + (int) c + " in an address type");
            }
        }
        MailText.requirePrintable(address, "an original recipient");
    }
}
