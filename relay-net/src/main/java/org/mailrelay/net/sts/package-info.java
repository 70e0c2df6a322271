/// What domains publish about how mail to them is to be sent: DANE's records through `org.mailrelay.net.dns`, and MTA-STS policies
/// (RFC 8461), which are fetched, kept on disk and refreshed here.
///
/// Read [PublishedFinder] (all that is published of one host), [StsPolicies] (the cache, and when it asks anew), [StsFetcher] (one
/// fetch, by `org.mailrelay.net.web`), [StsFiles] (what outlives a restart). How a policy reads is decided in
/// `org.mailrelay.core.tls`. All of it blocks and belongs on virtual threads; every class may be shared.
@NullMarked
package org.mailrelay.net.sts;

import org.jspecify.annotations.NullMarked;
