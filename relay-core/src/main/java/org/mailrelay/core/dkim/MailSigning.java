package org.mailrelay.core.dkim;

import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.mailrelay.core.mail.Domain;

/// Signs mail as it is taken in.
///
/// Whoever takes a message in begins before its content, shows every octet that goes into the spool, after whatever is changed in it, and asks for
/// the fields at the end. What no key is meant for costs a look at its header.
public interface MailSigning {

    /// There are no keys.
    MailSigning NONE = _ -> Optional.empty();

    /// @return empty where no mail is signed at all
    Optional<Pass> begin(Message message);

    /// Signs content that is there as a whole, under no fields of ours. Waits for its key: not on an event loop.
    ///
    /// @param wire dot-stuffed
    default Result whole(byte[] wire, SigningRules.Sender sender) {
        Optional<Pass> begun = begin(new Message(sender, true));
        if (begun.isEmpty()) {
            return new NoKey();
        }
        CompletableFuture<Result> result = new CompletableFuture<>();
        begun.get().octets(wire, 0, wire.length);
        begun.get().end(new byte[0], result::complete);
        return result.join();
    }

    /// A message whose content will come.
    ///
    /// @param stuffed false for binary content, which is kept as it comes
    /// @param client  who hands it in; empty for mail of our own
    record Message(SigningRules.Sender sender, boolean stuffed, Optional<Client> client) {

        /// Mail that is not sealed.
        public Message(SigningRules.Sender sender, boolean stuffed) {
            this(sender, stuffed, Optional.empty());
        }
    }

    /// What the listener knows of a client.
    ///
    /// @param address   of the connection
    /// @param confirmed its reverse name leads back to it
    /// @param user      who has authenticated
    record Client(String address, boolean confirmed, Optional<String> user) {}

    /// One message's octets on their way. One event loop's own.
    interface Pass {

        /// The next octets as they go into the spool. They may change after the call.
        void octets(byte[] octets, int from, int to);

        /// Whether 8-bit and binary content is to become 7-bit before it is signed. Known once the content is over; what has become of it is shown to another
        /// pass then, from its beginning.
        default boolean convertsEightBit() {
            return false;
        }

        /// The content is over, and has what it needs to be accepted.
        ///
        /// @param prologue our own fields, each with its CRLF, that will stand above the content
        /// @param then     told once; on this thread, or on another where signing takes long
        void end(byte[] prologue, Consumer<Result> then);
    }

    /// What became of a message.
    sealed interface Result {

        /// What goes on top; empty where the message must not go.
        default Optional<byte[]> onTop() {
            return switch (this) {
                case Signed signed -> Optional.of(signed.fields());
                case Sealed sealed -> Optional.of(sealed.fields());
                case NoKey _, Unsignable _ -> Optional.of(new byte[0]);
                case Deferred _ -> Optional.empty();
            };
        }
    }

    /// @param fields to be put on top of the prologue, each with its CRLF
    /// @param domain who signs
    /// @param sender the domain whose entry it is
    /// @param by     `selector (algorithm)` for each signature, in their order
    record Signed(byte[] fields, Domain domain, Domain sender, List<String> by) implements Result {
        public Signed {
            by = List.copyOf(by);
        }
    }

    /// Mail of others, sealed.
    ///
    /// @param fields to be put on top of the prologue, each with its CRLF
    /// @param chain  what was found of the seals before it
    record Sealed(byte[] fields, Domain domain, int instance, ArcChain.Validity chain) implements Result {}

    /// Nobody here signs for the sender.
    record NoKey() implements Result {}

    /// It goes as it is.
    ///
    /// @param detail more than the reason says; may be empty
    record Unsignable(Unsigned why, String detail) implements Result {}

    /// It is not to go unsigned: the client is to try again.
    record Deferred(String detail) implements Result {}
}
