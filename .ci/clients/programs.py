"""Programs that hand mail to a smart host: each sends the message of message.py over TLS and AUTH, checking the relay's certificate."""
import json
import smtplib
import ssl
import subprocess
import sys
from pathlib import Path

from message import NOTIFY, RETURN, body, message, recipients
from rig import HOST, PASSWORD, SENDER, USER, run

NODE_MODULES = Path.home() / ".cache/mailrelay-ci/node_modules"


def version(command, word):
    text = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT).stdout.decode(errors="replace")
    return next((line for line in text.splitlines() if word in line), text.splitlines()[0] if text else "?").split(",")[0].strip()[:40]


def python_smtplib(rig):
    context = ssl.create_default_context(cafile=rig.ca)
    with smtplib.SMTP("127.0.0.1", rig.port, local_hostname="python.example.com", timeout=30) as client:
        client._host = HOST   # the name that the certificate must have
        client.starttls(context=context)
        client.login(USER, PASSWORD)
        client.sendmail(SENDER, recipients("python"), message("python"),
                        mail_options=["BODY=8BITMIME", *(f"{key}={value}" for key, value in RETURN.items())], rcpt_options=[f"{key}={value}" for key, value in NOTIFY.items()])
    return {"version": "smtplib " + sys.version.split()[0], "dsn": True, "how": "STARTTLS, AUTH, RET ENVID NOTIFY ORCPT"}


def msmtp(rig):
    configuration = rig.private("msmtprc", f"""account default
host 127.0.0.1
port {rig.port}
tls on
tls_starttls on
tls_trust_file {rig.ca}
tls_host_override {HOST}
auth scram-sha-256
user {USER}
password {PASSWORD}
from {SENDER}
set_msgid_header off
set_date_header off
dsn_notify success,failure
dsn_return headers
""")
    run(["msmtp", "-C", configuration, *recipients("msmtp")], input=message("msmtp").replace(b"\r\n", b"\n"))
    return {"version": version(["msmtp", "--version"], "msmtp version"), "how": "STARTTLS, SCRAM-SHA-256", "parameters": [({"RET": "HDRS"}, {"NOTIFY": "SUCCESS,FAILURE"})]}


def curl(rig):
    file = rig.folder / "curl.eml"
    file.write_bytes(message("curl"))
    run(["curl", "-sS", "--url", f"smtps://{HOST}:{rig.implicit_port}/curl.example.com", "--resolve", f"{HOST}:{rig.implicit_port}:127.0.0.1", "--cacert", rig.ca,
         "--user", f"{USER}:{PASSWORD}", "--login-options", "AUTH=PLAIN", "--mail-from", SENDER, *(word for each in recipients("curl") for word in ("--mail-rcpt", each)), "--upload-file", file])
    return {"version": version(["curl", "--version"], "curl").split(" (")[0], "how": "implicit TLS, AUTH PLAIN"}


def mutt(rig):
    settings = rig.private("muttrc", f"""set smtp_url = "smtp://{USER}@localhost:{rig.port}/"
set smtp_pass = "{PASSWORD}"
set smtp_authenticators = "login"
set ssl_starttls = yes
set ssl_force_tls = yes
set certificate_file = "{rig.ca}"
set ssl_usesystemcerts = no
set from = "{SENDER}"
set realname = "Application"
set use_envelope_from = yes
set envelope_from_address = "{SENDER}"
set charset = utf-8
set send_charset = utf-8
set allow_8bit = yes
set text_flowed = no
set dsn_notify = "success,failure"
set dsn_return = "hdrs"
unset record
""")
    text = body().replace(b"\r\n", b"\n")
    run(["mutt", "-n", "-F", settings, "-s", "interop of mutt", *recipients("mutt")], input=text, env={"HOME": str(rig.folder), "PATH": "/usr/bin:/bin", "LANG": "C.UTF-8"})
    return {"version": version(["mutt", "-v"], "Mutt"), "how": "STARTTLS, AUTH LOGIN", "exact": False, "parameters": [({"RET": "HDRS"}, {"NOTIFY": "SUCCESS,FAILURE"})]}


def swaks(rig):
    file = rig.folder / "swaks.eml"
    file.write_bytes(message("swaks").replace(b"\r\n", b"\n").removesuffix(b"\n"))   # swaks ends the last line itself
    run(["swaks", "--server", "127.0.0.1", "--port", str(rig.port), "--tls", "--tls-verify", "--tls-ca-path", rig.ca, "--auth", "PLAIN", "--auth-user", USER, "--auth-password", PASSWORD, "--ehlo", "swaks.example.com",
         "--from", SENDER, "--to", ",".join(recipients("swaks")), "--data", f"@{file}", "--silent", "2"])
    return {"version": version(["swaks", "--version"], "swaks version"), "how": "STARTTLS, AUTH PLAIN"}


def nodemailer(rig):
    script = rig.folder / "send.js"
    script.write_text(f"""
const nodemailer = require({json.dumps(str(NODE_MODULES / "nodemailer"))});
const fs = require("fs");
const transport = nodemailer.createTransport({{host: "127.0.0.1", port: {rig.port}, secure: false, requireTLS: true, name: "node.example.com",
    tls: {{ca: fs.readFileSync({json.dumps(str(rig.ca))}), servername: {json.dumps(HOST)}}}, auth: {{user: {json.dumps(USER)}, pass: {json.dumps(PASSWORD)}}}}});
transport.sendMail({{envelope: {{from: {json.dumps(SENDER)}, to: {json.dumps(recipients("nodemailer"))}, use8BitMime: true,
    dsn: {{id: "QQ314159+1", return: "headers", notify: ["success", "failure"], recipient: "list+owner@example.org"}}}},
    raw: fs.readFileSync({json.dumps(str(rig.folder / "node.eml"))})}}).catch(failed => {{ console.error(failed); process.exit(1); }});
""")
    (rig.folder / "node.eml").write_bytes(message("nodemailer"))
    run(["node", script])
    installed = json.loads((NODE_MODULES / "nodemailer/package.json").read_text())["version"]
    return {"version": "nodemailer " + installed, "dsn": True, "how": "STARTTLS, AUTH PLAIN, RET ENVID NOTIFY ORCPT"}


PROGRAMS = {"python": python_smtplib, "msmtp": msmtp, "curl": curl, "mutt": mutt, "swaks": swaks, "nodemailer": nodemailer}
