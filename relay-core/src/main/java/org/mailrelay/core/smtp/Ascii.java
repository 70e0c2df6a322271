package org.mailrelay.core.smtp;

/// Case and classes of ASCII octets. The JDK's own methods know Unicode and locales, by which U+017F becomes an S and a
/// Turkish i loses its dot.
public final class Ascii {

    private Ascii() {
    }

    public static String upper(String text) {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c >= 'a' && c <= 'z') {
                char[] chars = text.toCharArray();
                for (int k = i; k < chars.length; k++) {
                    chars[k] = upper(chars[k]);
                }
                return new String(chars);
            }
        }
        return text;
    }

    static char upper(char c) {
        return c >= 'a' && c <= 'z' ? (char) (c - 32) : c;
    }

    static boolean isDigit(char c) {
        return c >= '0' && c <= '9';
    }

    static boolean isLetter(char c) {
        return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z';
    }

    static boolean isLetterOrDigit(char c) {
        return isLetter(c) || isDigit(c);
    }

    /// Where `word` (upper case) stands in the text in any ASCII case; -1 when it does not.
    static int indexOf(String text, String word) {
        for (int i = 0; i + word.length() <= text.length(); i++) {
            if (startsWith(text, i, word)) {
                return i;
            }
        }
        return -1;
    }

    /// @param word upper case
    static boolean startsWith(String text, int at, String word) {
        if (at + word.length() > text.length()) {
            return false;
        }
        for (int k = 0; k < word.length(); k++) {
            if (upper(text.charAt(at + k)) != word.charAt(k)) {
                return false;
            }
        }
        return true;
    }

    public static boolean equals(String text, String word) {
        return text.length() == word.length() && startsWith(text, 0, word);
    }

    /// The letters A to Z in lower case, everything else as it stands.
    public static String lower(String text) {
        StringBuilder out = new StringBuilder(text.length());
        text.chars().forEach(c -> out.append((char) (c >= 'A' && c <= 'Z' ? c + 32 : c)));
        return out.toString();
    }

    /// Without those of `blanks` at its ends, and nothing else: `strip` and `trim` each drop more.
    public static String stripped(String text, String blanks) {
        int from = 0;
        int to = text.length();
        while (from < to && blanks.indexOf(text.charAt(from)) >= 0) {
            from++;
        }
        while (to > from && blanks.indexOf(text.charAt(to - 1)) >= 0) {
            to--;
        }
        return text.substring(from, to);
    }
}
