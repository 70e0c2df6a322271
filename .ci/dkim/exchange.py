"""Sends messages of many shapes through the relay and keeps what arrives, octet for octet: exchange.py WORK RELAY-PORT SINK-PORT DNS-PORT.

Keys of WORK/keys.txt are served by DNS; messages of WORK/sealed are sent too, as they are."""
import os, socket, struct, sys, threading, time

work, relay_port, sink_port, dns_port = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4])
F = b"From: Ann <a@example.org>\r\nTo: b@example.net\r\nDate: Mon, 23 Nov 2026 12:00:00 +0000\r\nMessage-ID: <1@example.org>\r\n"
CONTENT = {
    "plain": F + b"Subject: Hello\r\n\r\nHello.\r\n",
    "no-body": F + b"Subject: nothing\r\n\r\n",
    "header-only": F + b"Subject: header only\r\n",
    "blank-end": F + b"Subject: blank lines\r\n\r\ntext \t \r\n\r\n \r\n\r\n\r\n",
    "dots": F + b"Subject: dots\r\n\r\n.\r\n..\r\n.leading\r\nend.\r\n",
    "folded": F + b"Subject: a\r\n\tfolded \r\n  subject\t \r\nX-Other:\r\n\r\nx\r\n",
    "eight-bit": F + "Subject: \u00e9t\u00e9\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n\u00e9 \u20ac\r\n".encode(),
    "spaces": F + b"Subject:   many   spaces  \r\n\r\n a  b\tc \t d\r\n\t\r\ne\r\n",
    "several": F + b"Cc: c@example.net\r\nCC: d@example.net\r\nSubject: two Cc\r\nList-Id: <l.example.org>\r\n\r\nx\r\n",
    "subdomain": F.replace(b"a@example.org", b"a@sub.example.org") + b"Subject: below\r\n\r\nx\r\n",
    "large": F + b"Subject: large\r\n\r\n" + b"0123456789 a line of text  with blanks\r\n" * 20000,
    "long-lines": F + b"Subject: long\r\n\r\n" + b"x" * 990 + b"\r\n" + b" y" * 400 + b"\r\n",
    "eight-bit-body": F + b"Subject: 8\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; charset=iso-8859-1\r\nContent-Transfer-Encoding: 8bit\r\n\r\nK\xf6ln\r\n.\r\n",
    "too-long": F + b"Subject: " + b"word " * 400 + b"\r\n\r\n" + b"x" * 5000 + b"\r\n",
    "binary": F + b"Subject: 0\r\nMIME-Version: 1.0\r\nContent-Type: application/x-odd\r\nContent-Transfer-Encoding: binary\r\n\r\n\0\n\xff\r.\r\n.",
}
CONTENT["of-others"] = CONTENT["plain"].replace(b"a@example.org", b"a@elsewhere.example")
for name in sorted(os.listdir(work + "/sealed")) if os.path.isdir(work + "/sealed") else []:
    with open(f"{work}/sealed/{name}", "rb") as sealed:
        CONTENT["sealed-" + name] = sealed.read()
os.makedirs(work + "/received")
arrived = {}

def lines(stream):
    while True:
        line = stream.readline()
        if not line:
            return
        yield line

def receive(connection):
    stream = connection.makefile("rb")
    say = lambda text: connection.sendall(text.encode() + b"\r\n")
    say("220 sink")
    for line in lines(stream):
        verb = line.split(b" ")[0].strip().upper()
        if verb == b"EHLO":
            say("250-sink\r\n250-8BITMIME\r\n250 SIZE")
        elif verb == b"DATA":
            say("354 go")
            content = b""
            for part in lines(stream):
                if part == b".\r\n":
                    break
                content += part[1:] if part.startswith(b".") else part
            name = [l for l in content.split(b"\r\n") if l.lower().startswith(b"x-case: ")][0][8:].decode()
            with open(f"{work}/received/{name}.eml", "wb") as out:
                out.write(content)
            arrived[name] = content
            say("250 kept")
        elif verb == b"QUIT":
            say("221 bye")
            return
        else:
            say("250 ok")

def sink():
    server = socket.create_server(("127.0.0.1", sink_port))
    while True:
        connection, _ = server.accept()
        threading.Thread(target=receive, args=(connection,), daemon=True).start()

def dns():
    with open(work + "/keys.txt") as keys:
        records = dict(line.rstrip("\n").split(" ", 1) for line in keys)
    server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    server.bind(("127.0.0.1", dns_port))
    while True:
        query, client = server.recvfrom(4096)
        at, labels = 12, []
        while query[at]:
            labels.append(query[at + 1:at + 1 + query[at]].decode("ascii", "replace").lower())
            at += 1 + query[at]
        question = query[12:at + 5]
        text = records.get(".".join(labels), "").encode() if question[-4:-2] == b"\0\x10" else b""
        data = b"".join(bytes([len(text[i:i + 255])]) + text[i:i + 255] for i in range(0, len(text), 255))
        answer = b"\xc0\x0c\0\x10\0\x01\0\0\0\x3c" + struct.pack(">H", len(data)) + data if text else b""
        server.sendto(query[:2] + (b"\x81\x80" if text else b"\x81\x83") + b"\0\x01" + struct.pack(">H", bool(text)) + b"\0\0\0\0" + question + answer, client)

threading.Thread(target=sink, daemon=True).start()
threading.Thread(target=dns, daemon=True).start()
for _ in range(600):
    try:
        client = socket.create_connection(("127.0.0.1", relay_port))
        break
    except OSError:
        time.sleep(0.1)
stream = client.makefile("rb")

def reply():
    while True:
        line = stream.readline()
        if line[3:4] != b"-":
            return line

def ask(text, code):
    client.sendall(text)
    got = reply()
    assert got.startswith(code), got

reply()
ask(b"EHLO client.example.org\r\n", b"250")
for name, content in CONTENT.items():
    for way in ("data", "bdat") if name != "binary" else ("bdat",):
        # On top of what a seal is over, a field that no seal names.
        case = b"X-Case: " + name.encode() + b"-" + way.encode() + b"\r\n"
        message = case + content
        ask(b"MAIL FROM:<a@example.org> BODY=%s\r\n" % (b"BINARYMIME" if name == "binary" else b"8BITMIME"), b"250")
        ask(b"RCPT TO:<b@example.net>\r\n", b"250")
        if way == "data":
            ask(b"DATA\r\n", b"354")
            stuffed = b"\r\n".join(b"." + l if l.startswith(b".") else l for l in message.split(b"\r\n"))
            ask(stuffed + b".\r\n", b"250")
        else:
            half = len(message) // 2
            ask(b"BDAT %d\r\n" % half + message[:half], b"250")
            ask(b"BDAT %d LAST\r\n" % (len(message) - half) + message[half:], b"250")
wanted = 2 * len(CONTENT) - 1
for _ in range(300):
    if len(arrived) == wanted:
        break
    time.sleep(0.1)
assert len(arrived) == wanted, f"{len(arrived)} of {wanted} arrived"
for name, content in arrived.items():
    if name.startswith(("eight-bit-body", "too-long", "binary")):
        assert content.isascii() and max(map(len, content.split(b"\r\n"))) <= 998 and b"\0" not in content, name
with open(work + "/changed.eml", "wb") as out:
    out.write(arrived["plain-data"].replace(b"Hello.", b"Hello!"))
print(f"{wanted} messages went through the relay, by DATA and by BDAT")
