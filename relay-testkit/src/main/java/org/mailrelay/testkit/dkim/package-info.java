/// Verifies signatures over whole messages, in another way than the relay makes them: with the JDK alone.
@NullMarked
package org.mailrelay.testkit.dkim;

import org.jspecify.annotations.NullMarked;
