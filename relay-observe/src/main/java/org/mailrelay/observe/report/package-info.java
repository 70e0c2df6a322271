/// Reports on TLS for the domains that ask for them (RFC 8460), made from the records of connections.
///
/// [ReportDay] counts sessions of a UTC day by policy domain and gives a [TlsReport] for each; [ReportJson] writes it, [ReportMail] wraps it for mail.
/// [ReportRequest] reads what a domain asks for. Nothing is counted twice or kept aside: the day is read from the records when its report is due, so that a
/// restart loses nothing.
@NullMarked
package org.mailrelay.observe.report;

import org.jspecify.annotations.NullMarked;
