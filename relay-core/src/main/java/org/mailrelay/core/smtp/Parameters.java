package org.mailrelay.core.smtp;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/// The parameters behind the path of MAIL and RCPT: *( SP keyword [ "=" value ] ), in their order (RFC 5321 §4.1.2, esmtp-param).
sealed interface Parameters {

    /// @param keyword in upper case
    /// @param value   empty where there is none, and for nothing behind `=`, which the grammar does not have: no value may be empty
    record Parameter(String keyword, String value) {}

    record Given(List<Parameter> parameters) implements Parameters {}

    record Malformed() implements Parameters {}

    /// One keyword stands twice.
    record Repeated() implements Parameters {}

    /// @param from behind the path
    static Parameters read(String argument, int from) {
        List<Parameter> parameters = new ArrayList<>(4);
        Set<String> keywords = new HashSet<>();
        boolean repeated = false;
        int at = from;
        while (at < argument.length()) {
            int end = end(argument, at);
            if (end < 0) {
                return new Malformed();
            }
            int equals = argument.indexOf('=', at);
            boolean valued = equals >= 0 && equals < end;
            String keyword = Ascii.upper(argument.substring(at + 1, valued ? equals : end));
            parameters.add(new Parameter(keyword, valued ? argument.substring(equals + 1, end) : ""));
            repeated |= !keywords.add(keyword);
            at = end;
        }
        return repeated ? new Repeated() : new Given(parameters);
    }

    /// -1 when no parameter stands there.
    private static int end(String argument, int from) {
        if (argument.charAt(from) != ' ') {
            return -1;
        }
        int at = from + 1;
        while (at < argument.length() && argument.charAt(at) != ' ') {
            if (argument.charAt(at) < 0x21 || argument.charAt(at) > 0x7e) {
                return -1;
            }
            at++;
        }
        return at > from + 1 && Ascii.isLetterOrDigit(argument.charAt(from + 1)) ? at : -1;
    }
}
