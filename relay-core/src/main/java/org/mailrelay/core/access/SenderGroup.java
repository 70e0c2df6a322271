package org.mailrelay.core.access;

import java.util.List;

/// Connections that one mail flow policy is for. The first group that matches wins.
///
/// @param position `access.yaml:12`, for messages about the group
public record SenderGroup(String name, List<PeerPattern> match, MailFlowPolicy policy, String position) {

    public SenderGroup {
        match = List.copyOf(match);
    }
}
