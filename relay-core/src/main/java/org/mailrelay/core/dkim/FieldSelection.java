package org.mailrelay.core.dkim;

import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import org.mailrelay.core.smtp.Ascii;

/// The header fields that a signature is over.
///
/// @param names  as `h=` lists them
/// @param octets the fields in their form, each with its CRLF
public record FieldSelection(List<String> names, byte[] octets) {

    /// Fields that one signature is over; a header with more of those that we sign is an attack.
    static final int MOST_FIELDS = 250;

    public FieldSelection {
        names = List.copyOf(names);
    }

    /// For a new signature. Empty where there are too many.
    public static Optional<FieldSelection> forSigning(HeaderBlock header, DkimSettings.Style style) {
        List<String> names = new ArrayList<>();
        for (String name : style.headers()) {
            int count = header.named(name).size();
            boolean oversigned = names(style.oversign(), name) || count > 0 && names(style.oversignPresent(), name);
            for (int i = 0; i < count + (oversigned ? 1 : 0); i++) {
                if (names.size() == MOST_FIELDS) {
                    return Optional.empty();
                }
                names.add(name);
            }
        }
        return Optional.of(of(header, names, style.header()));
    }

    /// RFC 6376 §5.4.2: of fields with one name the last comes first; a name beyond those that stand there is the null string.
    public static FieldSelection of(HeaderBlock header, List<String> names, Form form) {
        ByteArrayOutputStream octets = new ByteArrayOutputStream(1_024);
        List<HeaderField> left = new ArrayList<>(header.fields());
        for (String name : names) {
            for (int i = left.size() - 1; i >= 0; i--) {
                if (left.get(i).isNamed(name)) {
                    octets.writeBytes(form.field(left.remove(i).octets()));
                    octets.write('\r');
                    octets.write('\n');
                    break;
                }
            }
        }
        return new FieldSelection(names, octets.toByteArray());
    }

    private static boolean names(Collection<String> set, String name) {
        String upper = Ascii.upper(name);
        return set.stream().anyMatch(each -> Ascii.equals(each, upper));
    }
}
