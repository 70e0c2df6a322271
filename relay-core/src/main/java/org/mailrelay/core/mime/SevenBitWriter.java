package org.mailrelay.core.mime;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.mailrelay.core.header.HeaderField;

/// Writes a message as a [SevenBitPlan] says. One object a pass.
final class SevenBitWriter implements MimeReader.Listener {

    private final SevenBitPlan plan;
    private final WireOctets out = new WireOctets();
    private final QuotedPrintableWriter quoted = new QuotedPrintableWriter(out);
    private final Base64Writer base64 = new Base64Writer(out);
    private final MimeReader reader = new MimeReader(this);
    private SevenBitPlan.Way way = SevenBitPlan.Way.KEEP;

    SevenBitWriter(SevenBitPlan plan) {
        this.plan = plan;
    }

    byte[] write(ByteBuffer octets) {
        reader.read(octets);
        return out.take();
    }

    byte[] end() {
        reader.end();
        finish(false);
        return out.take();
    }

    long written() {
        return out.written();
    }

    long stuffedDots() {
        return out.stuffedDots();
    }

    @Override
    public void part(Part part, boolean blankLine) {
        finish(false);
        way = plan.ways().get(part.index());
        boolean encodes = way != SevenBitPlan.Way.KEEP;
        boolean said = false;
        for (HeaderField field : part.header().fields()) {
            if (!field.is("CONTENT-TRANSFER-ENCODING")) {
                write(field.text());
            } else if (!encodes || !said) {
                write(encodes || relabelled(part) ? field.withValue(" " + word(part) + "\r\n").text() : field.text());
                said = true;
            }
        }
        if (encodes && part.message() && !part.has("MIME-VERSION")) {
            write("MIME-Version: 1.0\r\n");
        }
        if (encodes && !part.has("CONTENT-TYPE")) {
            write("Content-Type: text/plain; charset=" + (plan.utf8().get(part.index()) ? "utf-8" : "unknown-8bit") + "\r\n");   // RFC 1428 §3
        }
        if (encodes && !said) {
            write("Content-Transfer-Encoding: " + word(part) + "\r\n");
        }
        if (blankLine || encodes) {
            out.lineEnd();
        }
    }

    /// It says that there are 8 bits in it, and there are not, or are not any more.
    private static boolean relabelled(Part part) {
        return switch (part.kind()) {
            case LEAF -> part.encoding().equals("8bit");
            case CONTAINER, SEALED -> part.encoding().equals("8bit") || part.encoding().equals("binary");
            case CLOSED -> false;
        };
    }

    private String word(Part part) {
        return switch (plan.ways().get(part.index())) {
            case KEEP -> "7bit";
            case QUOTED_PRINTABLE -> "quoted-printable";
            case BASE64 -> "base64";
        };
    }

    private void write(String text) {
        byte[] octets = text.substring(0, text.length() - 2).getBytes(StandardCharsets.ISO_8859_1);
        for (int i = 0; i < octets.length; i++) {
            if (octets[i] == '\r' && i + 1 < octets.length && octets[i + 1] == '\n') {
                out.lineEnd();
                i++;
            } else {
                out.write(octets[i]);
            }
        }
        out.lineEnd();
    }

    @Override
    public void octets(Part part, byte[] octets, int count, boolean lineEnd) {
        switch (way) {
            case KEEP -> {
                out.write(octets, count);
                if (lineEnd) {
                    out.lineEnd();
                }
            }
            case QUOTED_PRINTABLE -> quoted.write(octets, count, lineEnd);
            case BASE64 -> base64.write(octets, count, lineEnd);
        }
    }

    @Override
    public void boundary(byte[] line, int count) {
        finish(true);
        out.write(line, count);
        out.lineEnd();
    }

    private void finish(boolean atBoundary) {
        switch (way) {
            case KEEP -> { }
            case QUOTED_PRINTABLE -> quoted.end();
            case BASE64 -> base64.end(atBoundary);
        }
        way = SevenBitPlan.Way.KEEP;
    }

    @Override
    public void tooMuch(String of) {
        throw new IllegalStateException("a plan that the message does not fit: " + of);
    }
}
