"""Mail servers that forward through the relay with TLS and AUTH: each takes the message over SMTP with the parameters of RFC 3461 and hands it on."""
import os
import pwd
import smtplib
import subprocess
from pathlib import Path

from message import NOTIFY, RETURN, message, recipients
from rig import HOST, PASSWORD, SENDER, USER, free_port, listens, run, until

EXTRACTED = Path.home() / ".cache/mailrelay-ci/servers"


def owned(rig, name, user, mode=0o700):
    folder = rig.folder / name
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(mode)
    if user:
        entry = pwd.getpwnam(user)
        os.chown(folder, entry.pw_uid, entry.pw_gid)
    return folder


def submit(client, port):
    """Hands the message over.

    @return the server's greeting"""
    until(lambda: listens(port), client)
    with smtplib.SMTP(local_hostname="app.example.com", timeout=30) as server:
        greeting = server.connect("127.0.0.1", port)[1].decode()
        server.sendmail(SENDER, recipients(client), message(client), mail_options=["BODY=8BITMIME", *(f"{key}={value}" for key, value in RETURN.items())],
                        rcpt_options=[f"{key}={value}" for key, value in NOTIFY.items()])
    return greeting


def first_line(command):
    return subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT).stdout.decode(errors="replace").splitlines()[0]


def postfix(rig):
    port, folder = free_port(), owned(rig, "postfix", None, 0o755)
    owned(rig, "postfix/data", "postfix", 0o755)
    (folder / "queue").mkdir()
    rig.private("postfix/passwd", f"[127.0.0.1]:{rig.port} {USER}:{PASSWORD}\n")
    (folder / "main.cf").write_text(f"""compatibility_level = 3.6
queue_directory = {folder}/queue
data_directory = {folder}/data
command_directory = /usr/sbin
daemon_directory = /usr/lib/postfix/sbin
meta_directory = /etc/postfix
shlib_directory = /usr/lib/postfix
mail_owner = postfix
setgid_group = postdrop
maillog_file = {folder}/mail.log
maillog_file_prefixes = {rig.folder}
myhostname = postfix.example.com
mydestination =
mynetworks = 127.0.0.0/8
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
alias_maps =
local_recipient_maps =
relayhost = [127.0.0.1]:{rig.port}
smtp_tls_security_level = secure
smtp_tls_CAfile = {rig.ca}
smtp_tls_secure_cert_match = {HOST}
smtp_tls_loglevel = 1
smtp_sasl_auth_enable = yes
smtp_sasl_password_maps = texthash:{folder}/passwd
smtp_sasl_security_options = noanonymous
""")
    services = "pickup cleanup qmgr tlsmgr rewrite bounce defer trace verify proxymap error retry anvil scache".split()
    programs = {"rewrite": "trivial-rewrite", "defer": "bounce", "trace": "bounce", "retry": "error"}
    unix = {"pickup": "n - n 60 1", "qmgr": "n - n 300 1", "tlsmgr": "- - n 1000? 1", "cleanup": "n - n - 0"}
    (folder / "master.cf").write_text(f"127.0.0.1:{port} inet n - n - - smtpd\nsmtp unix - - n - - smtp\nrelay unix - - n - - smtp\npostlog unix-dgram n - n - 1 postlogd\n"
                                      + "".join(f"{each} unix {unix.get(each, '- - n - 0')} {programs.get(each, each)}\n" for each in services))
    run(["postfix", "-c", folder, "start"])
    try:
        submit("postfix", port)
        until(lambda: (folder / "mail.log").read_text().count("status=sent") == 2, "Postfix's log")
        log = (folder / "mail.log").read_text()
        assert "Verified TLS connection established to 127.0.0.1" in log, log
    finally:
        run(["postfix", "-c", folder, "stop"])
    return {"version": "Postfix " + first_line(["postconf", "-hd", "mail_version"]), "dsn": True, "how": "verified TLS, AUTH, RET ENVID NOTIFY ORCPT", "added": ["received"]}


def exim(rig):
    port, program, user = free_port(), EXTRACTED / "exim/usr/sbin/exim4", "Debian-exim"
    folder = owned(rig, "exim", user)
    configuration = rig.folder / "exim.conf"
    configuration.write_text(f"""exim_path = {program}
exim_user = {user}
exim_group = {user}
primary_hostname = exim.example.com
spool_directory = {folder}
log_file_path = {folder}/%slog
pid_file_path = {folder}/exim.pid
deliver_drop_privilege = true
local_interfaces = 127.0.0.1
daemon_smtp_ports = {port}
acl_smtp_rcpt = accept_all
dsn_advertise_hosts = *
tls_advertise_hosts =
host_lookup =
disable_ipv6 = true
never_users =
keep_environment =
add_environment = PATH=/usr/bin:/bin
check_spool_space = 0
check_log_space = 0
check_spool_inodes = 0
check_log_inodes = 0
begin acl
accept_all:
  accept
begin routers
smart:
  driver = manualroute
  transport = out
  route_list = * 127.0.0.1
  self = send
begin transports
out:
  driver = smtp
  port = {rig.port}
  allow_localhost
  hosts_require_tls = *
  hosts_require_auth = *
  hosts_try_chunking = *
  tls_verify_certificates = {rig.ca}
  tls_verify_hosts = *
  tls_verify_cert_hostnames =
  hosts_try_dane =
begin retry
* * F,2h,1m
begin authenticators
plain:
  driver = plaintext
  public_name = PLAIN
  client_send = ^{USER}^{PASSWORD}
""")
    daemon = rig.start(["setpriv", "--reuid", user, "--regid", user, "--clear-groups", program, "-C", configuration, "-bdf", "-q1m"], "exim.out")
    try:
        submit("exim", port)
        log = folder / "mainlog"
        until(lambda: log.exists() and "Completed" in log.read_text(), "Exim's log")
        delivered = [line for line in log.read_text().splitlines() if " => " in line or " -> " in line]
        assert delivered and all(" K " in line and " A=plain" in line and " CV=yes" in line for line in delivered), "not by BDAT, AUTH and verified TLS: " + log.read_text()
    finally:
        rig.stop(daemon)
    return {"version": " ".join(first_line([program, "-C", configuration, "-bV"]).split()[:3]), "dsn": True, "how": "verified TLS, AUTH, BDAT, RET ENVID NOTIFY ORCPT", "added": ["received"]}


def opensmtpd(rig):
    port, home = free_port(), EXTRACTED / "opensmtpd"
    spool = owned(rig, "opensmtpd", None, 0o711)
    for compiled_in in ["/var/spool/smtpd", "/var/lib/opensmtpd/empty"]:
        Path(compiled_in).mkdir(parents=True, exist_ok=True)
    secrets = rig.private("opensmtpd.secrets", f"relay {USER}:{PASSWORD}\n")
    entry = pwd.getpwnam("opensmtpd")
    os.chown(secrets, 0, entry.pw_gid)
    secrets.chmod(0o640)
    (rig.folder / "smtpd.conf").write_text(f"""table secrets file:{secrets}
listen on 127.0.0.1 port {port} hostname opensmtpd.example.com
action "out" relay host "smtp+tls://relay@127.0.0.1:{rig.port}" auth <secrets> tls helo opensmtpd.example.com
match from any for any action "out"
""")
    # Its spool's place and that of the authorities it believes are compiled in: a mount namespace puts ours there.
    daemon = rig.start(["unshare", "-m", "sh", "-c", 'mount --bind "$1" /var/spool/smtpd && mount --bind "$4" /etc/ssl/certs/ca-certificates.crt && exec "$2/usr/sbin/smtpd" -d -f "$3"',
                        "sh", spool, home, rig.folder / "smtpd.conf", rig.ca], "opensmtpd.out")
    try:
        submit("opensmtpd", port)
        until(lambda: (rig.folder / "opensmtpd.out").read_text().count("result=\"Ok\"") == 2, "OpenSMTPD's log")
        log = (rig.folder / "opensmtpd.out").read_text()
        assert 'server-cert-check result="success"' in log, "the relay's certificate was not verified: " + log
    finally:
        rig.stop(daemon)
    return {"version": first_line([home / "usr/sbin/smtpd", "-h"]).removeprefix("version: "), "dsn": True, "how": "verified TLS, AUTH, RET ENVID NOTIFY ORCPT", "added": ["received"]}


def sendmail(rig):
    port, home = free_port(), EXTRACTED / "sendmail"
    folder, queue = owned(rig, "sendmail", None, 0o755), owned(rig, "sendmail/queue", None, 0o700)
    library = home / "usr/share/sendmail/cf"
    rig.private("sendmail/authinfo", f'AuthInfo:127.0.0.1 "U:{USER}" "P:{PASSWORD}" "M:PLAIN"\nAuthInfo:localhost "U:{USER}" "P:{PASSWORD}" "M:PLAIN"\n')
    # Without a certificate that an authority of ours vouches for, and that bears this name, nothing is sent.
    (folder / "access").write_text(f"TLS_Srv:\tTEMP+VERIFY:128+CN:{HOST}\n")
    (folder / "sendmail.mc").write_text(f"""divert(0)dnl
VERSIONID(`interop')
OSTYPE(`linux')dnl
define(`confDOMAIN_NAME', `sendmail.example.com')dnl
define(`QUEUE_DIR', `{queue}')dnl
define(`STATUS_FILE', `{folder}/statistics')dnl
define(`confPID_FILE', `{folder}/pid')dnl
define(`ALIAS_FILE', `')dnl
define(`HELP_FILE', `')dnl
define(`confCW_FILE', `-o {folder}/names')dnl
define(`confCACERT', `{rig.ca}')dnl
define(`confCACERT_PATH', `{folder}')dnl
define(`confTRUSTED_USER', `root')dnl
define(`confAUTH_MECHANISMS', `PLAIN')dnl
define(`confDONT_BLAME_SENDMAIL', `MapInUnsafeDirPath')dnl
define(`confTO_IDENT', `0')dnl
define(`confLOG_LEVEL', `14')dnl
define(`SMART_HOST', `relay:[127.0.0.1]')dnl
define(`RELAY_MAILER_ARGS', `TCP $h {rig.port}')dnl
FEATURE(`promiscuous_relay')dnl
FEATURE(`accept_unqualified_senders')dnl
FEATURE(`accept_unresolvable_domains')dnl
FEATURE(`no_default_msa')dnl
FEATURE(`nocanonify')dnl
FEATURE(`authinfo', `hash -o {folder}/authinfo.db')dnl
FEATURE(`access_db', `hash -o {folder}/access.db')dnl
DAEMON_OPTIONS(`Name=MTA, Addr=127.0.0.1, Port={port}')dnl
MAILER(`smtp')dnl
LOCAL_CONFIG
""")
    with open(folder / "sendmail.cf", "wb") as to:
        subprocess.run(["m4", f"-D_CF_DIR_={library}/", library / "m4/cf.m4", folder / "sendmail.mc"], stdout=to, stderr=subprocess.DEVNULL, check=True, timeout=60)
    for table in ("authinfo", "access"):
        run([home / "usr/libexec/sendmail/makemap", "-C", folder / "sendmail.cf", "hash", folder / f"{table}.db"], input=(folder / table).read_bytes())
    (folder / "authinfo.db").chmod(0o600)
    # With a host name without a dot it sleeps a minute before it starts: it gets a full one in a namespace of its own.
    daemon = rig.start(["unshare", "-u", "sh", "-c", 'hostname sendmail.example.com && exec "$@"', "sh", home / "usr/libexec/sendmail/sendmail", "-bD",
                        "-C", folder / "sendmail.cf", "-X", folder / "talk"], "sendmail.out")
    try:
        greeting = submit("sendmail", port)
        until(lambda: "<sendmail-2@interop.test>" in rig.log(), "Sendmail: " + str(folder / "talk"), 20)
    finally:
        rig.stop(daemon)
    return {"version": "Sendmail " + greeting.partition("Sendmail ")[2].split("/")[0], "dsn": True, "how": "verified TLS, AUTH, RET ENVID NOTIFY ORCPT", "added": ["received"]}


SERVERS = {"postfix": postfix, "exim": exim, "opensmtpd": opensmtpd, "sendmail": sendmail}
