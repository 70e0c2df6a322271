/// Who users are, and what proves it: the authorities behind AUTH.
///
/// [Authentication] is the entry: it runs the exchanges of `org.mailrelay.core.auth` off the event loop, bounded, and holds [Guesses], which
/// stops those who try passwords. It asks the authorities of the configuration together ([Authorities]): a file of users with Argon2id hashes
/// and SCRAM keys ([UserFile], [FileAuthority]), an LDAP directory ([LdapAuthority], [DirectorySockets]), an issuer of tokens ([TokenAuthority], [KeySetFile]).
///
/// All of it blocks, on virtual threads; nothing here runs on an event loop.
@NullMarked
package org.mailrelay.listener.auth;

import org.jspecify.annotations.NullMarked;
