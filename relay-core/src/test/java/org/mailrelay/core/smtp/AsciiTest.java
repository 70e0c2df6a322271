package org.mailrelay.core.smtp;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Locale;
import org.junit.jupiter.api.Test;

class AsciiTest {

    /// Characters that the JDK's methods take for ASCII letters: the Kelvin sign, the long s, the Turkish letters, a ligature.
    @Test
    void noOtherAlphabetsLettersAreEqualToAsciiOnes() {
        Locale before = Locale.getDefault();
        try {
            for (Locale locale : new Locale[] {Locale.ROOT, Locale.forLanguageTag("tr-TR"), Locale.forLanguageTag("az")}) {
                Locale.setDefault(locale);
                assertThat(Ascii.equals("chun\u212aed", "CHUNKED")).isFalse();
                assertThat("chun\u212aed").isEqualToIgnoringCase("CHUNKED");   // which is why
                assertThat(Ascii.equals("http\u017f", "HTTPS")).isFalse();
                assertThat(Ascii.equals("ma\u0131lto", "MAILTO")).isFalse();
                assertThat(Ascii.equals("mailto", "MAILTO")).isTrue();
                assertThat(Ascii.equals("IDENTITY", "IDENTITY")).isTrue();
                assertThat(Ascii.lower("CONTENT-TYPE \u0130\u212a\u00c4")).isEqualTo("content-type \u0130\u212a\u00c4");
                assertThat(Ascii.upper("title \u0131\u017f\ufb01")).isEqualTo("TITLE \u0131\u017f\ufb01");
            }
        } finally {
            Locale.setDefault(before);
        }
    }
}
