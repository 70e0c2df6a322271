/// The event loops that listener and delivery share, and the socket classes that fit them.
///
/// One group a process: epoll where the platform has it, else NIO. Nothing that runs on a loop may block.
@NullMarked
package org.mailrelay.net.loop;

import org.jspecify.annotations.NullMarked;
