/// What connections show of TLS, put together over all hosts, and hosts tried anew without mail.
///
/// [OwnPath] remembers hosts and suspects our own network by the rules of `org.mailrelay.core.path`; event loops tell it what they see, and
/// are told what waits. [Probes] opens connections that carry no mail: to hosts that had to be met further down the ladder, and while our own network is
/// suspected to some of those that lost TLS, so that neither memory outlives its reason. [OwnPath] is bounded, and outlives a restart in one file ([PathFile]): a network
/// that changes while the relay is stopped is seen at its first connections.
@NullMarked
package org.mailrelay.delivery.path;

import org.jspecify.annotations.NullMarked;
