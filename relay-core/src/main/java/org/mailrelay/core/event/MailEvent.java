package org.mailrelay.core.event;

import java.time.Instant;

/// A thing that happened. Each is one line of mail_logs.
public sealed interface MailEvent permits InjectionEvent, MessageEvent, DeliveryEvent, SystemEvent {

    Instant at();

    Level level();

    enum Level { CRITICAL, WARNING, INFO, DEBUG, TRACE }
}
