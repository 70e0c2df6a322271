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
    private final Base64Lines lines = new Base64Lines(out);
    private final MimeReader reader;
    private SevenBitPlan.Way way = SevenBitPlan.Way.KEEP;

    SevenBitWriter(SevenBitPlan plan) {
        this.plan = plan;
        this.reader = new MimeReader(this, plan.stuffed());
    }

    byte[] write(ByteBuffer octets) {
        reader.read(octets);
        return out.take();
    }

    byte[] end() {
        reader.end();
        if (way == SevenBitPlan.Way.QUOTED_PRINTABLE && !out.lineBegins()) {
            out.write('=');
        }
        finish(false);
        if (!out.lineBegins()) {
            out.lineEnd();   // the last line of binary content may lack it
        }
        return out.take();
    }

    long written() {
        return out.written();
    }

    boolean eightBit() {
        return out.eightBit();
    }

    long stuffedDots() {
        return out.stuffedDots();
    }

    @Override
    public void part(Part part, boolean blankLine) {
        finish(false);
        way = plan.ways().get(part.index());
        boolean encodes = way == SevenBitPlan.Way.QUOTED_PRINTABLE || way == SevenBitPlan.Way.BASE64;
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
            write("Content-Type: text/plain; charset=" + plan.charsets().get(part.index()) + "\r\n");
        }
        if (encodes && !said) {
            write("Content-Transfer-Encoding: " + word(part) + "\r\n");
        }
        if (blankLine || encodes) {
            out.lineEnd();
        }
    }

    /// It says that there are 8 bits in it, and there are not, or are not any more.
    private boolean relabelled(Part part) {
        return plan.target() == SevenBitPlan.Target.SEVEN_BIT && switch (part.kind()) {
            case LEAF, CONTAINER, SEALED -> part.encoding().equals("8bit") || part.encoding().equals("binary");
            case CLOSED -> false;
        };
    }

    private String word(Part part) {
        return switch (plan.ways().get(part.index())) {
            case KEEP -> "7bit";
            case QUOTED_PRINTABLE -> "quoted-printable";
            case BASE64, BASE64_LINES -> "base64";
        };
    }

    private void write(String field) {
        String text = Folding.of(field);
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
            case BASE64_LINES -> lines.write(octets, count);
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
            case BASE64_LINES -> lines.end();
        }
        way = SevenBitPlan.Way.KEEP;
    }

    @Override
    public void tooMuch(String of) {
        throw new IllegalStateException("a plan that the message does not fit: " + of);
    }
}
