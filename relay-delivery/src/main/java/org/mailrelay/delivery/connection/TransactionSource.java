package org.mailrelay.delivery.connection;

import java.util.Optional;
import org.mailrelay.delivery.conversation.HostFailure;
import org.mailrelay.delivery.conversation.Transaction;
import org.mailrelay.delivery.conversation.TransactionResult;

/// Where a connection gets its messages and takes its results. All methods are called on the connection's event loop and
/// must not block. The order: ([#failed]) or ([#ready], then any number of [#next] and [#following] with a [#settled] for each
/// transaction), then [#closed] once, always. Two transactions may be under way: what [#following] gave is begun before its
/// forerunner is settled.
public interface TransactionSource {

    /// The host has greeted with 220: it lives, whatever comes of EHLO and TLS. Told before [#ready] and [#failed], if at all.
    default void greeted() {
    }

    /// EHLO and TLS policy are passed; mail may be sent. [#next] follows at once.
    void ready(OutboundConnection connection);

    /// The next message; with none, the connection idles until it is woken or its time is over.
    Optional<Transaction> next(OutboundConnection connection);

    /// The message to send in one group with the final dot of the one under way (RFC 2920 §3.1); with none the connection is
    /// not idle, and [#next] is asked once that message is settled.
    Optional<Transaction> following(OutboundConnection connection);

    /// Each transaction once; not always in the order in which they were given.
    void settled(OutboundConnection connection, Transaction transaction, TransactionResult result);

    /// The connection came to nothing before [#ready].
    void failed(OutboundConnection connection, HostFailure why);

    /// The last call for this connection.
    ///
    /// @param log tells the log of the end, if it was told of the beginning; run it once all other facts of this connection are told
    void closed(OutboundConnection connection, Runnable log);
}
