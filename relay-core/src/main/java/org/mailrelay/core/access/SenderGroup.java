package org.mailrelay.core.access;

import java.util.List;
import java.util.Set;

/// Connections that one mail flow policy is for. The first group that matches wins.
///
/// @param listeners those whose connections it is for; empty: all
/// @param position  `access.yaml:12`, for messages about the group
public record SenderGroup(String name, Set<String> listeners, List<PeerPattern> match, MailFlowPolicy policy, String position) {

    public SenderGroup {
        listeners = Set.copyOf(listeners);
        match = List.copyOf(match);
    }

    /// For every listener.
    public SenderGroup(String name, List<PeerPattern> match, MailFlowPolicy policy, String position) {
        this(name, Set.of(), match, policy, position);
    }

    public boolean isFor(String listener) {
        return listeners.isEmpty() || listeners.contains(listener);
    }
}
