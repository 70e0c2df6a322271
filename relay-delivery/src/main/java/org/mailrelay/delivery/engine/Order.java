package org.mailrelay.delivery.engine;

/// What an operator wants done with recipients that wait.
public sealed interface Order {
    /// Now, whatever they wait for.
    record Retry() implements Order {}

    /// No attempt until they are released, over restarts too.
    record Hold() implements Order {}

    record Release() implements Order {}

    /// Out of the queue, and nobody is told.
    record Delete() implements Order {}

    /// Out of the queue, with a report to the sender.
    record Bounce() implements Order {}

    /// To another host than routes or DNS name, over restarts too. The TLS policy of the recipient's domain stays.
    record Redirect(Redirection to) implements Order {}
}
