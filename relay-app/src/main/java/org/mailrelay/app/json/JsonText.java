package org.mailrelay.app.json;

import java.util.List;
import java.util.stream.Collectors;

/// One JSON object, written from left to right (RFC 8259 §4). Everything outside printable US-ASCII is escaped.
public final class JsonText {

    private final StringBuilder out = new StringBuilder("{");

    public JsonText put(String name, String value) {
        name(name);
        quote(value);
        return this;
    }

    public JsonText put(String name, long value) {
        name(name);
        out.append(value);
        return this;
    }

    public JsonText put(String name, boolean value) {
        name(name);
        out.append(value);
        return this;
    }

    public JsonText put(String name, JsonText value) {
        name(name);
        out.append(value);
        return this;
    }

    public JsonText putTexts(String name, List<String> values) {
        name(name);
        out.append('[');
        for (int i = 0; i < values.size(); i++) {
            out.append(i == 0 ? "" : ",");
            quote(values.get(i));
        }
        out.append(']');
        return this;
    }

    public JsonText putNumbers(String name, List<Long> values) {
        name(name);
        out.append(values.stream().map(String::valueOf).collect(Collectors.joining(",", "[", "]")));
        return this;
    }

    public JsonText putObjects(String name, List<JsonText> values) {
        name(name);
        out.append(values.stream().map(JsonText::toString).collect(Collectors.joining(",", "[", "]")));
        return this;
    }

    private void name(String name) {
        if (out.length() > 1) {
            out.append(',');
        }
        quote(name);
        out.append(':');
    }

    private void quote(String text) {
        out.append('"');
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '"' || c == '\\') {
                out.append('\\').append(c);
            } else if (c >= ' ' && c < 0x7f) {
                out.append(c);
            } else {
                out.append("\\u%04x".formatted((int) c));
            }
        }
        out.append('"');
    }

    @Override
    public String toString() {
        return out + "}";
    }
}
