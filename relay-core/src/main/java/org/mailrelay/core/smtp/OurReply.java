package org.mailrelay.core.smtp;

import java.util.List;
import java.util.Optional;

/// A reply that this relay gives, in wire form once and for all. Every line is printable ASCII; what of a peer's text is
/// repeated has been parsed or escaped before.
public final class OurReply {

    private final int code;
    private final Optional<EnhancedCode> enhancedCode;
    private final List<String> lines;
    private final byte[] wire;

    private OurReply(int code, Optional<EnhancedCode> enhancedCode, List<String> lines) {
        if (lines.isEmpty() || enhancedCode.isPresent() && enhancedCode.get().statusClass() != code / 100) {
            throw new IllegalArgumentException("reply " + code + " " + enhancedCode + " " + lines);
        }
        this.code = code;
        this.enhancedCode = enhancedCode;
        this.lines = List.copyOf(lines);
        this.wire = render();
    }

    /// A reply of one line with its enhanced code, whose class must be the code's (RFC 2034 §4).
    static OurReply of(int code, int subject, int detail, String sentence) {
        return new OurReply(code, Optional.of(new EnhancedCode(code / 100, subject, detail)), List.of(sentence));
    }

    /// The replies that carry no enhanced code: banner, EHLO, HELO and 3yz (RFC 2034 §3).
    static OurReply plain(int code, List<String> lines) {
        return new OurReply(code, Optional.empty(), lines);
    }

    public int code() {
        return code;
    }

    public Optional<EnhancedCode> enhancedCode() {
        return enhancedCode;
    }

    /// The sentences without codes; one but for EHLO.
    public List<String> lines() {
        return lines;
    }

    /// True for 2yz and 3yz.
    public boolean positive() {
        return code < 400;
    }

    /// The octets to send, CRLF included. Shared: never write to it.
    public byte[] wire() {
        return wire;
    }

    private byte[] render() {
        StringBuilder out = new StringBuilder(64);
        for (int i = 0; i < lines.size(); i++) {
            out.append(code).append(i < lines.size() - 1 ? '-' : ' ');
            enhancedCode.ifPresent(enhanced -> out.append(enhanced).append(' '));
            out.append(lines.get(i)).append(i < lines.size() - 1 ? "\r\n" : "");
        }
        byte[] octets = new byte[out.length() + 2];
        for (int i = 0; i < out.length(); i++) {
            char c = out.charAt(i);
            if (c > 0x7e || c < 0x20 && c != '\r' && c != '\n') {
                throw new IllegalArgumentException("character " + (int) c + " in a reply");
            }
            octets[i] = (byte) c;
        }
        octets[out.length()] = '\r';
        octets[out.length() + 1] = '\n';
        return octets;
    }

    /// As a log shows it: `550 5.7.1 relaying denied`.
    @Override
    public String toString() {
        return code + " " + enhancedCode.map(enhanced -> enhanced + " ").orElse("") + String.join(" ", lines);
    }
}
