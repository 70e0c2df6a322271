package org.mailrelay.config;

import java.util.List;

/// The keys of `access.yaml`.
final class AccessKeys {

    static final List<ConfigKey> ALL = List.of(
            new ConfigKey("sender_groups", "list of sender groups", "", "The first that matches wins; where none does, the connection is refused."),
            new ConfigKey("sender group.name", "text", "must be set", "Name for logs."),
            new ConfigKey("sender group.listeners", "ALL, list of names", "ALL", "Listeners of relay.yaml whose connections the group is for: so each may have groups, and by them policies, of its own."),
            new ConfigKey("sender group.match", "list of ALL, addresses, blocks, host names, .domains, user:name, user:*, certificate:name, certificate:subject:name, certificate:sha256:digits, certificate:*", "must be set", "Whom the group is for. Groups are asked again when a client has shown a certificate or authenticated: one for a user stands before those for addresses. Names and subjects count where an authority of the listener vouches for the certificate, a SHA-256 in any case."),
            new ConfigKey("sender group.policy", "name", "must be set", "Entry of mail_flow_policies."),
            new ConfigKey("authentication.users", "none, file", "none", "Users whom the relay knows itself, kept by `mailrelay user`: PLAIN, LOGIN, SCRAM-SHA-256."),
            new ConfigKey("authentication.certificates", "list of match and user", "", "Whose certificates need no password; the first that matches wins."),
            new ConfigKey("certificate of a user.match", "certificate:name, certificate:subject:name, certificate:sha256:digits", "must be set", "As in a sender group."),
            new ConfigKey("certificate of a user.user", "name", "must be set", "Who shows it is this user, with what the users' file lets that user send as."),
            new ConfigKey("authentication.ldap.url", "ldaps://host, ldap://host", "", "A directory to ask for users that are not in the file: PLAIN, LOGIN."),
            new ConfigKey("authentication.ldap.bind_name", "name of an entry", "", "As whom users are searched for; without it as nobody."),
            new ConfigKey("authentication.ldap.password_file", "file", "", "Its password, in the first line."),
            new ConfigKey("authentication.ldap.base", "name of an entry", "", "Below which users stand."),
            new ConfigKey("authentication.ldap.filter", "filter", "(uid=%u)", "Finds a user's entry; %u is the name."),
            new ConfigKey("authentication.ldap.timeout", "duration", "5s", "For each question."),
            new ConfigKey("authentication.ldap.trust", "mapping", "the system's authorities", "Who may sign the directory's certificate: system and files."),
            new ConfigKey("authentication.oauth.keys", "https URL, file", "", "The key set (JWKS) of who issues tokens: OAUTHBEARER, XOAUTH2."),
            new ConfigKey("authentication.oauth.issuer", "text", "", "What the claim iss must be."),
            new ConfigKey("authentication.oauth.audience", "text", "", "What the claim aud must hold."),
            new ConfigKey("authentication.oauth.user_claim", "name of a claim", "email", "The claim that names the user."),
            new ConfigKey("authentication.oauth.trust", "mapping", "the system's authorities", "Who may sign the certificate of the keys' host: system and files."),
            new ConfigKey("masquerade.addresses", "map of addresses", "", "Another address for this one; wins over its domain."),
            new ConfigKey("masquerade.domains", "map of domains, .suffixes", "", "Another domain for this one, or for all below it; local parts stay. What an entry gives is not looked up again."),
            new ConfigKey("mail flow policy.access", "ACCEPT, RELAY, REJECT, TCPREFUSE, CONTINUE", "must be set", "What the peer may do."),
            new ConfigKey("mail flow policy.tls", "off, preferred, required", "preferred", "Whether STARTTLS is offered, or demanded."),
            new ConfigKey("mail flow policy.auth", "off, preferred, required", "off", "Whether AUTH is offered, or demanded before MAIL. Offered inside TLS only."),
            new ConfigKey("mail flow policy.auth_in_the_clear", "true, false", "false", "Offers AUTH without TLS too: passwords can then be read on the way."),
            new ConfigKey("mail flow policy.verify_client", "off, preferred, required", "off", "Whether clients are asked for a certificate in the TLS handshake, or may send no mail without one that counts. What the policy says that the connection begins with holds."),
            new ConfigKey("mail flow policy.max_message_size", "size", "50MiB", "Largest message."),
            new ConfigKey("mail flow policy.max_messages_per_connection", "1 to 100000000", "10000", "Then 421."),
            new ConfigKey("mail flow policy.max_recipients_per_message", "100 to 1000000", "1000", "Then 452."),
            new ConfigKey("mail flow policy.max_connections", "1 to 1000000", "1000", "Connections at once from one address, of IPv6 from one network of 64 bits."),
            new ConfigKey("mail flow policy.future_release", "none, duration", "none", "How long clients may have a message held before it is delivered (FUTURERELEASE: HOLDFOR, HOLDUNTIL)."),
            new ConfigKey("mail flow policy.rate_scope", "client, address, group", "client", "Whom the rates are for: each user or else each address, each address whoever has authenticated, or the whole sender group together. Of IPv6 a network of 64 bits counts as one address."),
            new ConfigKey("mail flow policy.connection_rate", "none, rate", "none", "New connections, such as 60/1m; beyond it 421."),
            new ConfigKey("mail flow policy.message_rate", "none, rate", "none", "Messages; beyond it 452 to MAIL."),
            new ConfigKey("mail flow policy.recipient_rate", "none, rate", "none", "Recipients; beyond it 452 to each."),
            new ConfigKey("mail flow policy.byte_rate", "none, size/duration", "none", "Octets of messages, such as 100MB/1h; who is over it gets 452 to MAIL."),
            new ConfigKey("mail flow policy.sender_rate", "none, rate", "none", "Messages of one envelope sender; beyond it 452 to MAIL."),
            new ConfigKey("mail flow policy.banner", "text", "ESMTP", "Text behind the host name in the greeting; {hostname}, {listener}, {address}, {group} and {icid} are filled in."),
            new ConfigKey("mail flow policy.received_header", "true, false", "true", "Whether a Received field is added."),
            new ConfigKey("mail flow policy.submission", "true, false", "", "Clients submit their own mail, rather than pass on others': the default of add_missing_fields and remove_bcc. True where auth is required, else false."),
            new ConfigKey("mail flow policy.add_missing_fields", "true, false", "", "Adds Date and Message-ID where a message has none; the default is that of submission."),
            new ConfigKey("mail flow policy.remove_bcc", "true, false", "", "Takes Bcc and Resent-Bcc out of the header; the default is that of submission."),
            new ConfigKey("mail flow policy.masquerade", "none, name", "none", "Entry of masquerades: other senders in the envelope (MAIL) and in From, Sender, Reply-To, Resent-From, Resent-Sender. Allowed senders are judged before it."),
            new ConfigKey("mail flow policy.aliases", "none, name", "none", "Entry of masquerades for recipients: whose mail is for another address. The envelope alone changes; rights and limits are judged before it."),
            new ConfigKey("mail flow policy.max_received_fields", "50 to 10000", "100", "As many Received fields and a message is in a loop: 554."),
            new ConfigKey("mail flow policy.max_header_size", "none, size", "none", "Largest header; beyond it 552. Where a header is changed (remove_bcc, masquerade), 100 KiB at most."),
            new ConfigKey("mail flow policy.long_lines", "encode, pass", "encode", "Lines of more than 998 octets: the parts that have them are encoded (quoted-printable, base64) and header lines folded, unless that would break a signature; or they go as they are."),
            new ConfigKey("mail flow policy.max_line_length", "none, size", "none", "Longest line of a message without its end, at least 998; beyond it 554."),
            new ConfigKey("mail flow policy.allowed_senders", "none, list of addresses, @domain, .domain", "none", "What MAIL may name; the null sender always. Else 550."),
            new ConfigKey("mail flow policy.source", "name", "", "Virtual gateway by which mail that comes in under this policy leaves."),
            new ConfigKey("mail flow policy.early_talkers", "refuse, allow", "", "Whether a client that speaks out of turn (before the greeting, or behind EHLO or DATA without waiting) is told 554; allow is the default of RELAY, refuse that of ACCEPT."),
            new ConfigKey("mail flow policy.bare_line_endings", "refuse, normalise", "refuse", "What becomes of a bare LF in content."),
            new ConfigKey("mail flow policy.delivery_tls", "none, preferred, required", "", "Raises the TLS level of what comes in under this policy."),
            new ConfigKey("mail flow policy.i_know_this_is_an_open_relay", "true, false", "false", "Lets everyone relay."));

    private AccessKeys() {
    }
}
