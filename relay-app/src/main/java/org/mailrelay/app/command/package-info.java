/// The command line: one class a command, each saying what it does in its `--help`. [Mailrelay] lists them.
///
/// `serve` and `demo` become the relay; `check`, `explain`, `tls-check` and `import` work on files alone; the others send their
/// words to a running relay over its admin socket ([RunningRelay]). Exit status: 0 done, 1 the answer is no, 2 usage.
@NullMarked
package org.mailrelay.app.command;

import org.jspecify.annotations.NullMarked;
