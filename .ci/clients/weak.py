"""An SMTP server as it should not be, for the checks to find fault with: TLS 1.0 and ciphers without forward secrecy behind STARTTLS, and mail of anybody to anybody."""
import socketserver
import ssl
import threading


class Session(socketserver.StreamRequestHandler):
    def handle(self):
        try:
            self.converse(self.request, True)
        except OSError:
            pass   # those who only look leave in the middle

    def converse(self, connection, clear):
        lines = connection.makefile("rb")

        def say(text):
            connection.sendall(text + b"\r\n")

        if clear:
            say(b"220 weak.test ESMTP")
        while line := lines.readline():
            verb = line[:4].upper()
            if verb == b"EHLO":
                say(b"250-weak.test\r\n250 STARTTLS" if clear else b"250 weak.test")
            elif verb == b"STAR":
                say(b"220 go ahead")
                with self.server.tls.wrap_socket(connection, server_side=True) as secure:
                    self.converse(secure, False)
                return
            elif verb == b"DATA":
                say(b"354 go ahead")
                while lines.readline() not in (b".\r\n", b""):
                    pass
                say(b"250 ok")
            elif verb == b"QUIT":
                say(b"221 bye")
                return
            else:
                say(b"250 ok")


class Weak(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True

    def __init__(self, certificate, key):
        super().__init__(("127.0.0.1", 0), Session)
        self.port = self.server_address[1]
        self.tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.tls.set_ciphers("ALL:COMPLEMENTOFALL:eNULL:@SECLEVEL=0")
        self.tls.minimum_version = ssl.TLSVersion.TLSv1
        self.tls.load_cert_chain(certificate, key)
        threading.Thread(target=self.serve_forever, daemon=True).start()
