/// How a command speaks to a running relay: a Unix socket of mode 0600, so that no password is needed on the host.
///
/// Read [AdminProtocol] for the bytes, then [AdminServer] (in the relay) and [AdminClient] (in the command). One virtual thread
/// a connection; nothing here decides anything: an [AdminCommand] does the work.
@NullMarked
package org.mailrelay.app.admin;

import org.jspecify.annotations.NullMarked;
