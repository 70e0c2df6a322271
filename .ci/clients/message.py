"""The message that every client sends, and what is asked of what arrives."""
from rig import HOST, SENDER

NOTIFY = {"NOTIFY": "SUCCESS,FAILURE", "ORCPT": "rfc822;list+2Bowner@example.org"}
RETURN = {"RET": "HDRS", "ENVID": "QQ314159+2B1"}


def recipients(client):
    return [f"{client}-1@interop.test", f"{client}-2@interop.test"]


def body():
    """What has been got wrong before: dots at line starts, an empty line at the end, trailing spaces, a From at a line's start, 8-bit, long lines."""
    lines = ["A plain line.", ".", "..", ".leading dot", "...", "From here on", "trailing spaces   ", "\ttab", "=20 =3D is no encoding here", "Grüße, naïve café €", "",
             "long " + "x" * 890, "", ".", "end", ""]
    return ("\r\n".join(lines) + "\r\n").encode("utf-8")


def header(client):
    return (f"From: Application <{SENDER}>\r\nTo: {', '.join(recipients(client))}\r\nSubject: interop of {client}\r\nDate: Tue, 24 Nov 2026 12:00:00 +0000\r\n"
            f"Message-ID: <{client}.1@example.com>\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n").encode("ascii")


def message(client):
    return header(client) + b"\r\n" + body()


def fields(content):
    """The header's fields, each with its continuation lines and line end, and the body."""
    head, _, rest = content.partition(b"\r\n\r\n")
    found = []
    for line in head.split(b"\r\n"):
        if line[:1] in (b" ", b"\t") and found:
            found[-1] += line + b"\r\n"
        else:
            found.append(line + b"\r\n")
    return found, rest


def name(field):
    return field.partition(b":")[0].strip().lower().decode("ascii")


def check_content(client, content, sent=None, added=(), exact=True):
    """The relay's Received, what the client adds at the top (`added`: names of fields), and then the message octet for octet.

    exact=False is for clients that write a header of their own: the body is the same, and each field of ours that they were given is among theirs."""
    top, rest = fields(content)
    if name(top[0]) != "received" or f"by {HOST}".encode() not in top[0] or b"with ESMTPSA" not in top[0]:
        raise AssertionError(f"the first field is not the relay's, of TLS and AUTH: {top[0]!r}")
    if not exact:
        if rest != body():
            raise AssertionError(f"the body changed: {rest!r}")
        return [name(field) for field in top[1:]]
    expected = sent if sent is not None else message(client)
    above = content[: len(content) - len(expected)]
    if content[len(above):] != expected:
        first = next((i for i, (one, other) in enumerate(zip(content[len(above):], expected)) if one != other), None)
        raise AssertionError(f"the message changed at octet {first}: {content[len(above):][first or 0:][:80]!r}; all: {content!r}")
    names = [name(field) for field in fields(above + b"\r\n")[0] if field != b"\r\n"][1:]
    if names != list(added):
        raise AssertionError(f"fields above the message: {names}, expected {list(added)}")
    return names


def check_envelope(client, transactions, sender=SENDER, dsn=False, orcpt=True):
    """Both recipients, once each, and nobody else; the parameters of RFC 3461 as they were given."""
    got = [each for transaction in transactions for each in transaction.recipients]
    if sorted(address for address, _ in got) != recipients(client):
        raise AssertionError(f"recipients {got}")
    for transaction in transactions:
        address, parameters = transaction.sender
        if address != sender:
            raise AssertionError(f"sender {address}")
        wanted = RETURN if dsn else {}
        given = {key: value for key, value in parameters.items() if key in RETURN}
        if given != wanted:
            raise AssertionError(f"MAIL parameters {parameters}, expected {wanted}")
    for address, parameters in got:
        if not dsn and "NOTIFY" in parameters:
            raise AssertionError(f"RCPT parameters {parameters}: nobody asked for a report")
        if dsn and parameters.get("NOTIFY") != NOTIFY["NOTIFY"]:
            raise AssertionError(f"RCPT parameters {parameters}")
        if dsn and orcpt and parameters.get("ORCPT", "").lower() != NOTIFY["ORCPT"].lower():
            raise AssertionError(f"RCPT parameters {parameters}")
