"""An SMTP server behind the relay that takes everything and keeps each transaction octet for octet.

It offers DSN, 8BITMIME and SMTPUTF8 and takes content by DATA alone, so that what it keeps has been stuffed by the relay and unstuffed here."""
import re
import socket
import threading


class Transaction:
    """One message as it came: `sender` and `recipients` with their parameters as (address, {NAME: value}), and the `content` without stuffing."""

    def __init__(self, mail):
        self.sender = mail
        self.recipients = []
        self.content = b""
        self.wire = b""


def path(line):
    found = re.fullmatch(rb"(?:MAIL FROM|RCPT TO):<([^>]*)>((?: [A-Za-z0-9-]+(?:=\S+)?)*)\r\n", line)
    if not found:
        raise ValueError(f"the relay sent {line!r}")
    words = [word.partition("=") for word in found.group(2).decode("ascii").split()]
    return found.group(1).decode("utf-8"), {name.upper(): value for name, _, value in words}


class Recorder:
    def __init__(self):
        self.server = socket.create_server(("127.0.0.1", 0), backlog=128)
        self.port = self.server.getsockname()[1]
        self.changed = threading.Condition()
        self.taken = []
        self.mistakes = []
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            connection, _ = self.server.accept()
            threading.Thread(target=self.serve, args=(connection,), daemon=True).start()

    def serve(self, connection):
        try:
            with connection, connection.makefile("rb") as lines:
                self.converse(connection, lines)
        except (OSError, ValueError) as problem:
            with self.changed:
                self.mistakes.append(problem)
                self.changed.notify_all()

    def converse(self, connection, lines):
        connection.sendall(b"220 recorder.test ESMTP\r\n")
        current = None
        while line := lines.readline():
            verb = line[:4].upper()
            reply = b"250 2.0.0 ok\r\n"
            if verb == b"EHLO":
                reply = b"250-recorder.test\r\n250-PIPELINING\r\n250-8BITMIME\r\n250-SMTPUTF8\r\n250-SIZE 100000000\r\n250-ENHANCEDSTATUSCODES\r\n250 DSN\r\n"
            elif verb == b"MAIL":
                current = Transaction(path(line))
            elif verb == b"RCPT":
                current.recipients.append(path(line))
            elif verb == b"DATA":
                connection.sendall(b"354 go ahead\r\n")
                self.take(current, lines)
            elif verb == b"QUIT":
                connection.sendall(b"221 2.0.0 bye\r\n")
                return
            connection.sendall(reply)

    def take(self, transaction, lines):
        wire, content = [], []
        while (line := lines.readline()) != b".\r\n":
            if not line.endswith(b"\r\n") or b"\r" in line[:-2]:
                raise ValueError(f"a bare line end in content: {line!r}")
            wire.append(line)
            content.append(line[1:] if line.startswith(b".") else line)
        transaction.wire, transaction.content = b"".join(wire), b"".join(content)
        with self.changed:
            self.taken.append(transaction)
            self.changed.notify_all()

    def await_messages(self, recipient, seconds):
        """All transactions that name this recipient, once there is one."""
        def found():
            return [each for each in self.taken if any(address == recipient for address, _ in each.recipients)]
        with self.changed:
            if not self.changed.wait_for(lambda: found() or self.mistakes, seconds):
                raise AssertionError(f"nothing for {recipient} within {seconds} s")
            if self.mistakes:
                raise AssertionError(f"the relay's connection: {self.mistakes}")
            return found()
