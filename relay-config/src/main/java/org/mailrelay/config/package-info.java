/// Turns the four files of `conf/` into [org.mailrelay.core.settings.Settings], or into every mistake found in them.
///
/// Read [ConfigLoader], then a reader for each file. `Section` reads one mapping and knows which keys were asked for; what is left
/// is unknown. YAML 1.2 core schema: `off`, `no` and `2027-01-31` are strings. Any thread may load; nothing here keeps state.
@NullMarked
package org.mailrelay.config;

import org.jspecify.annotations.NullMarked;
