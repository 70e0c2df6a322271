"""A mail host on Python's ssl module, which is OpenSSL: STARTTLS, one TLS version, and with a third argument certificates of clients are demanded.

usage: sink.py PORT 1.2|1.3 CHAIN KEY [CLIENT_CA]"""
import socketserver
import ssl
import sys

port, version, chain, key = int(sys.argv[1]), sys.argv[2], sys.argv[3], sys.argv[4]
context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.minimum_version = context.maximum_version = {"1.2": ssl.TLSVersion.TLSv1_2, "1.3": ssl.TLSVersion.TLSv1_3}[version]
context.load_cert_chain(chain, key)
if len(sys.argv) > 5:
    context.load_verify_locations(sys.argv[5])
    context.verify_mode = ssl.CERT_REQUIRED


class Session(socketserver.BaseRequestHandler):
    def handle(self):
        self.serve(self.request, False)

    def serve(self, sock, encrypted):
        stream = sock.makefile("rb")

        def say(line):
            sock.sendall(line.encode() + b"\r\n")

        if not encrypted:
            say("220 openssl.test ESMTP")
        while line := stream.readline():
            word = line.split()[0].upper() if line.split() else b""
            if word == b"EHLO":
                say("250 openssl.test" if encrypted else "250-openssl.test\r\n250 STARTTLS")
            elif word == b"STARTTLS":
                say("220 go ahead")
                with context.wrap_socket(sock, server_side=True) as tls:
                    self.serve(tls, True)
                return
            elif word == b"DATA":
                say("354 go ahead")
                while stream.readline() != b".\r\n":
                    pass
                print("message", "in", sock.version() if encrypted else "clear", "certificate" if encrypted and sock.getpeercert() else "", flush=True)
                say("250 taken")
            elif word == b"QUIT":
                say("221 bye")
                return
            else:
                say("250 ok")


class Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True

    def handle_error(self, request, client_address):
        print("error", sys.exc_info()[1], flush=True)


print(ssl.OPENSSL_VERSION, flush=True)
Server(("127.0.0.1", port), Session).serve_forever()
