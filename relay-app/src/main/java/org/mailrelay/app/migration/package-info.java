/// Configuration of other mail systems, read into ours: `mailrelay import`.
///
/// [EsaDestinations] reads the destination controls that a Cisco ESA exports; [PostfixFiles] a folder of Postfix's, of which [PostfixTlsPolicy] and
/// [PostfixTransport] are the maps. Each puts what it understands into a [Migration] and says of everything else, with its place, that it has no equivalent.
/// [Migration] writes `destinations.yaml` and `routes.yaml`. Nothing here decides by itself that mail may go with less protection than before: a level that
/// has no equal becomes a higher one, or is left to the reader with a remark.
@NullMarked
package org.mailrelay.app.migration;

import org.jspecify.annotations.NullMarked;
