/// What readers of events keep for later, on disk and bounded: lines of text, in blocks that are compressed and checked.
///
/// [LineStore] writes and reads; [Block] is one block's bytes; [Reach] says which times and numbers a block or a question spans, so that a
/// question about one message opens few blocks. Files are only appended to, begun anew at each start, and deleted whole by age and total size.
/// A crash costs what was not yet written, at most a second of lines; what is damaged ends the reading of its file and no other.
///
/// Threads: one writes (the log's), any reads.
@NullMarked
package org.mailrelay.observe.store;

import org.jspecify.annotations.NullMarked;
