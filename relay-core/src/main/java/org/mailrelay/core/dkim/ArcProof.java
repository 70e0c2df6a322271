package org.mailrelay.core.dkim;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.mailrelay.core.mail.Domain;
import org.mailrelay.core.smtp.Ascii;

/// What must be shown for a chain to hold (RFC 8617 §5.2, steps 4 and 6): the newest message signature, and every seal.
public record ArcProof(List<Claim> claims) {

    /// A signature that is claimed.
    ///
    /// @param keyName where its key stands
    public record Claim(Algorithm algorithm, Domain keyName, byte[] data, byte[] signature) {}

    public ArcProof {
        claims = List.copyOf(claims);
    }

    /// How the body must be hashed for it. Empty where the newest message signature cannot be read: then the chain does not hold.
    public static Optional<MessageWatch.Wanted> wanted(ArcChain.Found chain) {
        return PriorSignature.parse(chain.newest().message()).flatMap(message -> {
            Optional<String> length = message.tags().get("l");
            if (length.isPresent() && !length.get().matches("[0-9]{1,15}")) {
                return Optional.empty();
            }
            return message.forms().map(forms -> new MessageWatch.Wanted(forms[1], length.map(Long::parseLong).orElse(Long.MAX_VALUE)));
        });
    }

    /// Empty where the chain does not hold whatever the keys are: a body that is not the one that was signed, a signature that has ended, a field
    /// that cannot be read.
    public static Optional<ArcProof> of(ArcChain.Found chain, HeaderBlock header, byte[] bodyHash, long nowSeconds) {
        List<Claim> claims = new ArrayList<>();
        Optional<PriorSignature> message = PriorSignature.parse(chain.newest().message());
        if (message.isEmpty() || message.get().forms().isEmpty() || !message.get().octets("bh").map(hash -> Arrays.equals(hash, bodyHash)).orElse(false)
                || message.get().tags().get("x").map(ends -> !ends.matches("[0-9]{1,15}") || Long.parseLong(ends) < nowSeconds).orElse(false)) {
            return Optional.empty();
        }
        List<String> names = message.get().tags().list("h");
        if (names.size() > FieldSelection.MOST_FIELDS || names.stream().anyMatch(name -> Ascii.equals(name, "ARC-SEAL"))) {
            return Optional.empty();
        }
        Form form = message.get().forms().get()[0];
        Optional<Claim> newest = claim(message.get(), SignatureField.data(FieldSelection.of(header, names, form), form, message.get().unsigned()));
        if (newest.isEmpty()) {
            return Optional.empty();
        }
        claims.add(newest.get());
        for (int i = chain.sets().size() - 1; i >= 0; i--) {
            Optional<PriorSignature> seal = PriorSignature.parse(chain.sets().get(i).seal());
            int index = i;
            Optional<Claim> claim = seal.flatMap(parsed -> claim(parsed, chain.sealed(index, parsed.unsigned())));
            // RFC 8617 §4.1.3: a seal with h= or bh= is an error.
            if (claim.isEmpty() || seal.get().tags().get("h").isPresent() || seal.get().tags().get("bh").isPresent()) {
                return Optional.empty();
            }
            claims.add(claim.get());
        }
        return Optional.of(new ArcProof(claims));
    }

    private static Optional<Claim> claim(PriorSignature signature, byte[] data) {
        return signature.algorithm().flatMap(algorithm -> signature.keyName().flatMap(name -> signature.octets("b").map(value -> new Claim(algorithm, name, data, value))));
    }
}
