package org.mailrelay.core.dkim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.mailrelay.core.dkim.WholeMessage.octets;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.mailrelay.core.mail.Domain;

class SigningRulesTest {

    private static final DkimSettings.Signer EXACT = signer("bank.example", Optional.empty(), Set.of());
    private static final DkimSettings.Signer BELOW = signer(".bank.example", Optional.of(Domain.of("bank.example")), Set.of());
    private static final DkimSettings.Signer APPS = signer("apps.example", Optional.empty(), Set.of("APPS"));

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "a@bank.example | bank.example", "Name <a@bank.example> | bank.example", "\"x <y@evil.example>\" <a@BANK.example> | bank.example",
        "(c <z@evil.example> (nested)) a@bank.example (more) | bank.example", "Group: a@bank.example, b@other.example; | bank.example",
        "a@bank.example, b@other.example | bank.example", "<@route.example:a@bank.example> | bank.example", "\"a@evil.example\"@bank.example | bank.example",
        "a@ bank.example | bank.example", "=?utf-8?q?x=40evil.example?= <a@bank.example> | bank.example", "a@sub.bank.example | bank.example"})
    void theFromFieldNamesTheDomain(String from, String signs) {
        assertThat(choose("From: " + from + "\r\n", Optional.empty(), DkimSettings.Identity.FROM)).isInstanceOfSatisfying(SigningChoice.Sign.class,
                sign -> assertThat(sign.domain().name()).isEqualTo(signs));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "no address", "<>", "a@", "a@[192.0.2.1]", "\"never ended", "(never ended", "<a@bank.example", ":;,", "@", "a@bank..example", "undisclosed:;"})
    void aFromFieldWithoutADomainIsNotSigned(String from) {
        SigningChoice choice = choose("From: " + from + "\r\n", Optional.of("bank.example"), DkimSettings.Identity.FROM_OR_ENVELOPE);
        assertThat(choice).isInstanceOfAny(SigningChoice.Not.class, SigningChoice.Sign.class);
        assertThat(choice instanceof SigningChoice.Sign).isEqualTo(from.equals("<a@bank.example"));
    }

    @Test
    void whatNobodyCanVouchForIsNotSigned() {
        assertThat(choose("Subject: x\r\n", Optional.of("bank.example"), DkimSettings.Identity.FROM_OR_ENVELOPE)).isEqualTo(new SigningChoice.Not(Unsigned.NO_FROM));
        assertThat(choose("From: a@bank.example\r\nfrom : b@bank.example\r\n", Optional.empty(), DkimSettings.Identity.FROM)).isEqualTo(new SigningChoice.Not(Unsigned.SEVERAL_FROM));
        assertThat(choose(" folded\r\nFrom: a@bank.example\r\n", Optional.empty(), DkimSettings.Identity.FROM)).isEqualTo(new SigningChoice.Not(Unsigned.HEADER_MALFORMED));
    }

    @Test
    void theEnvelopeCountsOnlyWhereItIsAskedAndFromHasNoEntry() {
        String from = "From: a@other.example\r\n";
        assertThat(choose(from, Optional.of("bank.example"), DkimSettings.Identity.FROM)).isEqualTo(new SigningChoice.NoKey());
        assertThat(choose(from, Optional.of("bank.example"), DkimSettings.Identity.FROM_OR_ENVELOPE)).isInstanceOf(SigningChoice.Sign.class);
        assertThat(choose(from, Optional.empty(), DkimSettings.Identity.FROM_OR_ENVELOPE)).isEqualTo(new SigningChoice.NoKey());
    }

    @Test
    void mailOfAnotherGroupIsNotSigned() {
        DkimSettings settings = new DkimSettings(Map.of(Domain.of("apps.example"), APPS), Map.of(), Optional.empty(), DkimSettings.Identity.FROM, DkimSettings.WhenSigningFails.DEFER);
        HeaderBlock header = HeaderBlock.parse(octets("From: a@apps.example\r\n"));
        assertThat(SigningRules.choose(settings, header, sender(Optional.of("GUESTS"), "email"))).isEqualTo(new SigningChoice.NoKey());
        assertThat(SigningRules.choose(settings, header, sender(Optional.of("APPS"), "email"))).isInstanceOf(SigningChoice.Sign.class);
        assertThat(SigningRules.choose(settings, header, sender(Optional.empty(), "email"))).as("our own mail").isInstanceOf(SigningChoice.Sign.class);
        assertThat(SigningRules.choose(settings, header, sender(Optional.empty(), "tlsrpt"))).as("a key for mail alone").isEqualTo(new SigningChoice.NoKey());
    }

    @Test
    void anEntryForAllSignsWhatHasNoneOfItsOwn() {
        DkimSettings settings = new DkimSettings(Map.of(Domain.of("bank.example"), EXACT), Map.of(), Optional.of(signer("ALL", Optional.of(Domain.of("relay.example")), Set.of())),
                DkimSettings.Identity.FROM, DkimSettings.WhenSigningFails.DEFER);
        assertThat(SigningRules.choose(settings, HeaderBlock.parse(octets("From: a@x.example\r\n")), sender(Optional.empty(), "email")))
                .isInstanceOfSatisfying(SigningChoice.Sign.class, sign -> assertThat(sign.domain()).isEqualTo(Domain.of("relay.example")));
        assertThat(SigningRules.choose(settings, HeaderBlock.parse(octets("From: a@bank.example\r\n")), sender(Optional.empty(), "email")))
                .isInstanceOfSatisfying(SigningChoice.Sign.class, sign -> assertThat(sign.domain()).isEqualTo(Domain.of("bank.example")));
    }

    private static SigningChoice choose(String header, Optional<String> envelope, DkimSettings.Identity identity) {
        DkimSettings settings = new DkimSettings(Map.of(Domain.of("bank.example"), EXACT), Map.of(Domain.of("bank.example"), BELOW), Optional.empty(), identity,
                DkimSettings.WhenSigningFails.DEFER);
        return SigningRules.choose(settings, HeaderBlock.parse(octets(header)), new SigningRules.Sender(envelope.map(Domain::of), Optional.of("RELAYLIST"), "email"));
    }

    private static SigningRules.Sender sender(Optional<String> group, String service) {
        return new SigningRules.Sender(Optional.empty(), group, service);
    }

    private static DkimSettings.Signer signer(String pattern, Optional<Domain> signAs, Set<String> groups) {
        return new DkimSettings.Signer(pattern, signAs, List.of(new DkimSettings.Key(Domain.of("s1"), TestKeys.ed25519(), Path.of("s1.pem"), Set.of("email"))), groups, DkimSettings.Style.DEFAULT);
    }
}
