package org.mailrelay.observe.report;

import java.net.URI;
import java.net.URISyntaxException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.mailrelay.core.mail.Mailbox;
import org.mailrelay.core.smtp.Ascii;

/// Where a domain wants its reports: the TXT record of `_smtp._tls` (RFC 8460 §3).
///
/// @param mailboxes addresses of `mailto:`
/// @param posts     addresses of `https:`
public record ReportRequest(List<Mailbox> mailboxes, List<URI> posts) {

    /// A domain names a few; more would make us a tool against others.
    private static final int MOST = 10;

    public ReportRequest {
        mailboxes = List.copyOf(mailboxes);
        posts = List.copyOf(posts);
    }

    /// Empty where there is no record, more than one (R-RPT-1), or one that names nobody we can reach.
    ///
    /// @param texts all TXT records of the name
    public static Optional<ReportRequest> of(List<String> texts) {
        List<String> records = texts.stream().filter(ReportRequest::begins).toList();
        if (records.size() != 1) {
            return Optional.empty();
        }
        List<Mailbox> mailboxes = new ArrayList<>();
        List<URI> posts = new ArrayList<>();
        for (String field : records.getFirst().split(";")) {
            int equals = field.indexOf('=');
            if (equals > 0 && field.substring(0, equals).strip().equals("rua")) {
                for (String uri : field.substring(equals + 1).split(",")) {
                    add(uri.strip(), mailboxes, posts);
                }
            }
        }
        return mailboxes.isEmpty() && posts.isEmpty() ? Optional.empty() : Optional.of(new ReportRequest(mailboxes, posts));
    }

    private static boolean begins(String text) {
        int semicolon = text.indexOf(';');
        return (semicolon < 0 ? text : text.substring(0, semicolon)).strip().equals("v=TLSRPTv1");
    }

    private static boolean isScheme(URI uri, String name) {
        return uri.getScheme() != null && Ascii.equals(uri.getScheme(), name);
    }

    private static void add(String text, List<Mailbox> mailboxes, List<URI> posts) {
        if (mailboxes.size() + posts.size() >= MOST) {
            return;
        }
        try {
            URI uri = new URI(text);
            if (isScheme(uri, "MAILTO")) {
                String address = uri.getRawSchemeSpecificPart();
                int query = address.indexOf('?');
                mailboxes.add(Mailbox.of(URLDecoder.decode((query < 0 ? address : address.substring(0, query)).replace("+", "%2B"), StandardCharsets.US_ASCII)));
            } else if (isScheme(uri, "HTTPS") && uri.getHost() != null && uri.getUserInfo() == null) {
                posts.add(uri);
            }
        } catch (URISyntaxException | IllegalArgumentException _) {
            return;   // one that cannot be read leaves the others
        }
    }
}
