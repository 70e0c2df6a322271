"""The relay under test with TLS and a user, and the folder that it and the clients work in."""
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from pathlib import Path

HOST = "relay.example.com"
USER = "app"
PASSWORD = "corr3ct-horse"
SENDER = "app@example.com"


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return probe.getsockname()[1]


def listens(port):
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
        return True
    except OSError:
        return False


def until(condition, what, seconds=60):
    """Another program's state has no event to wait for: it is asked ten times a second."""
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            raise AssertionError(f"gave up waiting for {what}")
        time.sleep(0.1)


def run(command, **options):
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=60, **options)
    if done.returncode != 0:
        raise AssertionError(f"{' '.join(map(str, command))}: exit status {done.returncode}: {done.stdout.decode(errors='replace')[-2000:]}")
    return done.stdout


AUTHENTICATED = """sender_groups: [{name: CLIENTS, match: [127.0.0.0/8], policy: authenticated}]
mail_flow_policies: {authenticated: {access: RELAY, tls: required, auth: required}}
"""


class Rig:
    """@param access what access.yaml says besides the users"""

    def __init__(self, launcher, recorder_port, access=AUTHENTICATED):
        self.launcher = launcher
        self.folder = Path(tempfile.mkdtemp(prefix="mailrelay-clients-"))
        self.folder.chmod(0o755)
        self.port, self.implicit_port, self.metrics_port = free_port(), free_port(), free_port()
        self.ca, self.children = self.folder / "ca.pem", []
        self.certificates()
        self.configure(recorder_port, access)
        self.relay = self.start([launcher, "serve", "--conf", self.folder / "conf"], "relay.out")
        until(lambda: self.relay.poll() is not None or listens(self.implicit_port), "the relay")
        if self.relay.poll() is not None:
            raise AssertionError((self.folder / "relay.out").read_text())

    def certificates(self):
        f = self.folder
        (f / "san").write_text(f"subjectAltName=DNS:{HOST},DNS:localhost,IP:127.0.0.1\nextendedKeyUsage=serverAuth\n")
        ec = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"]
        run(["openssl", "req", "-x509", *ec, "-keyout", f / "ca.key", "-out", self.ca, "-days", "2", "-subj", "/CN=interop root"])
        run(["openssl", "req", "-new", *ec, "-keyout", f / "relay.key", "-out", f / "relay.csr", "-subj", f"/CN={HOST}"])
        run(["openssl", "x509", "-req", "-in", f / "relay.csr", "-CA", self.ca, "-CAkey", f / "ca.key", "-CAcreateserial", "-days", "2", "-extfile", f / "san",
             "-out", f / "relay.pem"])

    def configure(self, recorder_port, access):
        conf = self.folder / "conf"
        conf.mkdir()
        tls = f"certificate: {self.folder}/relay.pem, key: {self.folder}/relay.key"
        (conf / "relay.yaml").write_text(f"""root: {self.folder}
hostname: {HOST}
reload: manual
listeners:
  - {{name: submission, address: ["127.0.0.1:{self.port}", "[::1]:{self.port}"], tls: {{{tls}}}}}
  - {{name: submissions, address: "127.0.0.1:{self.implicit_port}", tls: {{{tls}, implicit: true}}}}
dns: {{validate: false}}
metrics: {{address: "127.0.0.1:{self.metrics_port}"}}
""")
        (conf / "routes.yaml").write_text(f"routes: {{ALL: [{{host: 127.0.0.1, port: {recorder_port}}}]}}\n")
        (conf / "destinations.yaml").write_text("default: {tls: none}\n")
        (conf / "access.yaml").write_text(f"authentication: {{users: {self.folder}/users}}\n{access}")
        run([self.launcher, "user", "add", "--file", self.folder / "users", USER], input=f"{PASSWORD}\n".encode())

    def start(self, command, out, **options):
        with open(self.folder / out, "wb") as to:
            child = subprocess.Popen(command, stdout=to, stderr=subprocess.STDOUT, start_new_session=True, **options)
        self.children.append(child)
        return child

    def private(self, name, text):
        """A file with a secret in it, for its owner alone."""
        file = self.folder / name
        file.touch(0o600)
        file.write_text(text)
        return file

    def log(self):
        return (self.folder / "logs/mail_logs/mail.current").read_text(errors="replace")

    def stop(self, child):
        """The child's own group, which it leads."""
        if child in self.children:
            self.children.remove(child)
            if child.poll() is None:
                os.killpg(child.pid, signal.SIGTERM)
            child.wait(30)

    def close(self):
        for child in list(reversed(self.children)):
            self.stop(child)
        shutil.rmtree(self.folder, ignore_errors=True)
