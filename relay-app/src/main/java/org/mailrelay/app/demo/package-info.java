/// The main job in half a minute: the real relay on loopback, a small DNS and four mail hosts, mail to each under two policies.
///
/// Read [Demo] first, then [DemoHost] (a scripted destination), [DemoDns] and [DemoCertificates]. The destinations here are only what
/// the demo needs to be seen; nothing of the relay itself is different from `serve`. One virtual thread a connection.
@NullMarked
package org.mailrelay.app.demo;

import org.jspecify.annotations.NullMarked;
