package org.mailrelay.core.mime;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.mailrelay.core.header.HeaderBlock;
import org.mailrelay.core.header.HeaderField;

/// Finds the parts of a message while its octets pass: in wire form, CRLF and a dot more where a line begins with one, or binary, as they are. Holds
/// one header, or one stretch of a line, whatever the size of the message. One object a pass.
///
/// Only CRLF ends a line: a CR or LF by itself is an octet like any other. A line that is no boundary of any multipart that is open is content. A part ends at the boundary of its own multipart, or of one around it.
final class MimeReader {

    /// Octets of one part's header.
    static final int MOST_HEADER = 256 * 1024;
    static final int MOST_PARTS = 10_000;
    static final int MOST_DEPTH = 50;
    /// Octets of a line that are looked at together: more than the longest boundary has.
    private static final int STRETCH = 1_024;

    /// Told of everything, in order.
    interface Listener {
        /// A part's header is whole.
        ///
        /// @param blankLine an empty line ends it; else what follows is no field, or nothing follows
        void part(Part part, boolean blankLine);

        /// Of the body of a part, of what stands in a container around its parts, without the dot of stuffing.
        ///
        /// @param lineEnd CRLF follows
        void octets(Part part, byte[] octets, int count, boolean lineEnd);

        /// A line between parts, without its CRLF.
        void boundary(byte[] line, int count);

        /// There is more of something than is kept track of; nothing more is told.
        void tooMuch(String of);
    }

    /// @param delimiter `--` and the boundary
    private record Open(Part container, byte[] delimiter) {

        /// RFC 2046 §5.1.5.
        boolean isDigest() {
            return container.type().equals("multipart/digest");
        }
    }

    private final Listener listener;
    private final boolean stuffed;
    private final List<Open> open = new ArrayList<>();
    private final byte[] line = new byte[STRETCH];
    private int length;
    private boolean lineBegins = true;
    private boolean afterCr;
    private byte @Nullable [] header = new byte[1_024];
    private int headerLength;
    /// The header under way is a message's.
    private boolean ofMessage = true;
    private @Nullable Part part;
    private int parts;
    private boolean stopped;

    /// @param stuffed a line's first dot was put there for the wire
    MimeReader(Listener listener, boolean stuffed) {
        this.listener = listener;
        this.stuffed = stuffed;
    }

    void read(ByteBuffer octets) {
        while (octets.hasRemaining() && !stopped) {
            byte octet = octets.get();
            if (afterCr && octet == '\n') {
                afterCr = false;
                stretch(true, true);
                continue;
            }
            if (afterCr) {
                keep((byte) '\r');
            }
            afterCr = octet == '\r';
            if (!afterCr) {
                keep(octet);
            }
        }
    }

    void end() {
        if (stopped) {
            return;
        }
        if (afterCr) {
            keep((byte) '\r');
        }
        if (length > 0) {
            stretch(false, true);
        }
        while (header != null && !stopped) {
            beginBody(false);
        }
    }

    private void keep(byte octet) {
        if (length == STRETCH) {
            stretch(false, false);
        }
        line[length++] = octet;
    }

    /// @param whole nothing of the line follows
    private void stretch(boolean lineEnd, boolean whole) {
        if (stuffed && lineBegins && length > 0 && line[0] == '.') {
            System.arraycopy(line, 1, line, 0, --length);   // RFC 5321 §4.5.2
        }
        Optional<Boundary> boundary = lineBegins && whole ? boundary() : Optional.empty();
        if (boundary.isPresent()) {
            pass(boundary.get());
        } else if (header != null) {
            headerLine(lineEnd);
        } else {
            listener.octets(part(), line, length, lineEnd);
        }
        length = 0;
        lineBegins = lineEnd;
    }

    private Part part() {
        if (part == null) {
            throw new IllegalStateException("content before any header");
        }
        return part;
    }

    /// @param at     which of the open multiparts it belongs to
    /// @param closes that one ends
    private record Boundary(int at, boolean closes) {}

    private Optional<Boundary> boundary() {
        if (length < 3 || line[0] != '-' || line[1] != '-') {
            return Optional.empty();
        }
        int end = length;
        while (end > 0 && (line[end - 1] == ' ' || line[end - 1] == '\t')) {
            end--;   // RFC 2046 §5.1.1: transport may have padded it
        }
        for (int i = open.size() - 1; i >= 0; i--) {
            byte[] delimiter = open.get(i).delimiter();
            boolean closes = end == delimiter.length + 2 && line[end - 1] == '-' && line[end - 2] == '-';
            if ((end == delimiter.length || closes) && Arrays.equals(line, 0, delimiter.length, delimiter, 0, delimiter.length)) {
                return Optional.of(new Boundary(i, closes));
            }
        }
        return Optional.empty();
    }

    /// What is open inside of that multipart is cut off.
    private void pass(Boundary boundary) {
        while (header != null && !stopped) {
            beginBody(false);
        }
        open.subList(boundary.at() + 1, open.size()).clear();
        listener.boundary(line, length);
        part = open.getLast().container();
        if (boundary.closes()) {
            open.removeLast();
        } else {
            begin(false);
        }
    }

    private void begin(boolean message) {
        header = new byte[1_024];
        headerLength = 0;
        ofMessage = message;
    }

    private void headerLine(boolean lineEnd) {
        boolean whole = lineBegins && lineEnd;
        if (whole && length == 0) {
            beginBody(true);
            return;
        }
        if (lineBegins && !isHeaderLine()) {
            beginBody(false);
            listener.octets(part(), line, length, lineEnd);
            return;
        }
        if (headerLength + length + 2 > MOST_HEADER) {
            stop("a header of more than " + MOST_HEADER + " octets");
            return;
        }
        byte[] held = Objects.requireNonNull(header);
        if (held.length < headerLength + length + 2) {
            held = Arrays.copyOf(held, Math.max(held.length * 2, headerLength + length + 2));
            header = held;
        }
        System.arraycopy(line, 0, held, headerLength, length);
        headerLength += length;
        if (lineEnd) {
            held[headerLength++] = '\r';
            held[headerLength++] = '\n';
        }
    }

    /// A field begins there, or goes on.
    private boolean isHeaderLine() {
        if (line[0] == ' ' || line[0] == '\t') {
            return headerLength > 0;
        }
        for (int i = 0; i < length; i++) {
            if (line[i] == ':') {
                return i > 0;
            }
            if (line[i] >= 0 && line[i] < 0x20 && line[i] != '\t') {
                return false;
            }
        }
        return false;
    }

    private void beginBody(boolean blankLine) {
        byte[] held = Objects.requireNonNull(header);
        header = null;
        if (headerLength > 0 && (headerLength < 2 || held[headerLength - 1] != '\n' || held[headerLength - 2] != '\r')) {
            stop("a header without an end");
            return;
        }
        if (++parts > MOST_PARTS) {
            stop("more than " + MOST_PARTS + " parts");
            return;
        }
        HeaderBlock block = HeaderBlock.read(held, headerLength, false);
        ContentType type = block.fields().stream().filter(field -> field.is("CONTENT-TYPE")).findFirst().map(ContentType::of)
                .orElse(ofMessage || open.isEmpty() || !open.getLast().isDigest() ? ContentType.TEXT : ContentType.MESSAGE);
        String encoding = block.fields().stream().filter(field -> field.is("CONTENT-TRANSFER-ENCODING")).findFirst().map(HeaderField::value).map(ContentType::stripped).map(ContentType::lower).orElse("");
        Part begun = new Part(parts - 1, kind(type, Part.isPlain(encoding)), ofMessage, block, type.type(), encoding);
        part = begun;
        listener.part(begun, blankLine);
        if (begun.kind() == Part.Kind.CONTAINER) {
            enter(begun, type);
        }
    }

    private static Part.Kind kind(ContentType type, boolean plain) {
        String name = type.type();
        if (name.equals("multipart/signed") || name.equals("multipart/encrypted")) {
            return Part.Kind.SEALED;
        }
        if (name.startsWith("multipart/")) {
            return type.boundary().isPresent() && plain ? Part.Kind.CONTAINER : Part.Kind.CLOSED;
        }
        if (name.equals("message/rfc822") || name.equals("message/global")) {
            return plain ? Part.Kind.CONTAINER : Part.Kind.CLOSED;
        }
        return name.startsWith("message/") ? Part.Kind.CLOSED : Part.Kind.LEAF;
    }

    private void enter(Part container, ContentType type) {
        if (open.size() >= MOST_DEPTH) {
            stop("parts more than " + MOST_DEPTH + " deep");
        } else if (container.type().startsWith("multipart/")) {
            open.add(new Open(container.bare(), ("--" + type.boundary().orElseThrow()).getBytes(StandardCharsets.US_ASCII)));
        } else {
            begin(true);
        }
    }

    private void stop(String of) {
        stopped = true;
        listener.tooMuch(of);
    }
}
