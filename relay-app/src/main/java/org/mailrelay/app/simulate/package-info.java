/// `policy simulate`, and what `check` and `policy report` say of exceptions: recorded connections under another configuration.
///
/// [StoredRecords] reads the records of a relay, running or not; [SimulationReport] prints what would change, [ExceptionReport] which exceptions the
/// records would do without. What is decided is decided in [org.mailrelay.observe.simulate]. A command's thread.
@NullMarked
package org.mailrelay.app.simulate;

import org.jspecify.annotations.NullMarked;
