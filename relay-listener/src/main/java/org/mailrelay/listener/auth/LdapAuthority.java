package org.mailrelay.listener.auth;
import java.io.IOException;

import java.util.Hashtable;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import javax.naming.AuthenticationException;
import javax.naming.Context;
import javax.naming.NamingEnumeration;
import javax.naming.NamingException;
import javax.naming.PartialResultException;
import javax.naming.directory.InitialDirContext;
import javax.naming.directory.SearchControls;
import javax.naming.directory.SearchResult;
import javax.net.ssl.SSLSocketFactory;
import org.mailrelay.core.auth.AuthSources;
import org.mailrelay.core.auth.Authority;
import org.mailrelay.core.auth.Mechanism;
import org.mailrelay.core.auth.ScramKeys;
import org.mailrelay.core.auth.TokenAnswer;
import org.mailrelay.net.tls.ClientTrust;

/// Users of an LDAP directory (RFC 4511 §4.2): one search for the entry, one bind as it. It is never asked with an empty password, which a
/// directory takes for an anonymous bind and answers with success (RFC 4513 §5.1.2). So many questions at once, so that a directory that does not
/// answer holds up nobody whom the file knows.
final class LdapAuthority implements Authority {

    private static final int AT_ONCE = 64;

    private final AuthSources.Directory directory;
    private final Semaphore places;
    private final Optional<SSLSocketFactory> sockets;

    LdapAuthority(AuthSources.Directory directory) throws IOException {
        this(directory, AT_ONCE);
    }

    /// @param atOnce questions; beyond that it cannot be asked now
    /// @throws IOException when a file of authorities holds none
    LdapAuthority(AuthSources.Directory directory, int atOnce) throws IOException {
        this.directory = directory;
        this.places = new Semaphore(atOnce);
        this.sockets = encrypted() ? Optional.of(ClientTrust.sockets(directory.trust())) : Optional.empty();
    }

    private boolean encrypted() {
        return "ldaps".equals(directory.url().getScheme());
    }

    @Override
    public Answer password(String user, String password) {
        if (password.isEmpty()) {
            return Answer.WRONG;
        }
        if (!places.tryAcquire()) {
            return Answer.UNAVAILABLE;
        }
        try {
            return sockets.isEmpty() ? asked(user, password) : ScopedValue.where(DirectorySockets.TRUSTED, sockets.get()).call(() -> asked(user, password));
        } finally {
            places.release();
        }
    }

    private Answer asked(String user, String password) {
        try {
            Optional<String> entry = find(user);
            // An unknown user costs a bind as well.
            boolean bound = binds(entry.orElse("cn=nobody," + directory.base()), password);
            return bound && entry.isPresent() ? Answer.RIGHT : Answer.WRONG;
        } catch (NamingException unreachable) {
            return Answer.UNAVAILABLE;
        }
    }

    private Optional<String> find(String user) throws NamingException {
        InitialDirContext context = new InitialDirContext(environment(directory.bindName().orElse(""), directory.bindPassword().reveal()));
        try {
            SearchControls controls = new SearchControls(SearchControls.SUBTREE_SCOPE, 2, (int) directory.timeout().toMillis(), new String[0], false, false);
            NamingEnumeration<SearchResult> found = context.search(directory.base(), directory.filter().replace("%u", escaped(user)), controls);
            if (!more(found)) {
                return Optional.empty();
            }
            String name = found.next().getNameInNamespace();
            return more(found) ? Optional.empty() : Optional.of(name);   // two entries are nobody's
        } finally {
            context.close();
        }
    }

    /// Directories end what they have found with a referral for what they do not hold, Active Directory does at its root: that is no failure.
    private static boolean more(NamingEnumeration<SearchResult> found) throws NamingException {
        try {
            return found.hasMore();
        } catch (PartialResultException elsewhere) {
            return false;
        }
    }

    private boolean binds(String name, String password) throws NamingException {
        try {
            new InitialDirContext(environment(name, password)).close();
            return true;
        } catch (AuthenticationException wrong) {
            return false;
        }
    }

    private Hashtable<String, String> environment(String name, String password) {
        Hashtable<String, String> environment = new Hashtable<>();
        environment.put(Context.INITIAL_CONTEXT_FACTORY, "com.sun.jndi.ldap.LdapCtxFactory");
        environment.put(Context.PROVIDER_URL, directory.url().toString());
        environment.put("com.sun.jndi.ldap.connect.timeout", String.valueOf(directory.timeout().toMillis()));
        environment.put("com.sun.jndi.ldap.read.timeout", String.valueOf(directory.timeout().toMillis()));
        if (sockets.isPresent()) {
            environment.put("java.naming.ldap.factory.socket", DirectorySockets.class.getName());
        }
        environment.put(Context.REFERRAL, "ignore");
        environment.put(Context.SECURITY_AUTHENTICATION, name.isEmpty() ? "none" : "simple");
        if (!name.isEmpty()) {
            environment.put(Context.SECURITY_PRINCIPAL, name);
            environment.put(Context.SECURITY_CREDENTIALS, password);
        }
        return environment;
    }

    /// RFC 4515 §3: what means something in a filter stands as `\HH`.
    static String escaped(String user) {
        StringBuilder out = new StringBuilder();
        for (char c : user.toCharArray()) {
            if (c == '*' || c == '(' || c == ')' || c == '\\' || c == 0) {
                out.append('\\').append(Character.forDigit(c >> 4, 16)).append(Character.forDigit(c & 15, 16));
            } else {
                out.append(c);
            }
        }
        return out.toString();
    }

    @Override
    public ScramKeys scram(String user) {
        throw new IllegalStateException("a directory shows no keys");
    }

    @Override
    public TokenAnswer token(String claimed, String token) {
        return new TokenAnswer.Wrong();
    }

    @Override
    public boolean offers(Mechanism mechanism) {
        return mechanism.kind() == Mechanism.Kind.PASSWORD;
    }
}
