package org.mailrelay.delivery.conversation;

/// Who we are to a route's host. Never printed.
public record Credentials(String user, String password) {

    @Override
    public String toString() {
        return "credentials of " + user;
    }
}
