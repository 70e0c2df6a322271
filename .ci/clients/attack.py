"""Programs that look for holes, against a started relay: strangers come from 127.0.0.1, those who may relay from ::1. Exit status 1 on any bad finding."""
import json
import smtplib
import subprocess
import sys
import time

from recorder import Recorder
from rig import Rig, until
from weak import Weak

ACCESS = """sender_groups: [{name: IN, match: ["::1"], policy: insiders}, {name: OUT, match: [127.0.0.0/8], policy: guests}]
mail_flow_policies: {insiders: {access: RELAY}, guests: {access: ACCEPT, early_talkers: allow}}
"""


def said(command, limit=90):
    return subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=limit)


def nmap(rig, _):
    """nmap's own verdict on strangers; and the same script on a server that is open, and on those who may relay here, where it must find what there is: else it would find nothing anywhere."""
    def verdict(port, *target):
        return said(["nmap", "-Pn", "-n", "-p", str(port), "--script", "+smtp-open-relay", *target]).stdout.decode()
    stranger, insider, anybody = verdict(rig.port, "127.0.0.1"), verdict(rig.port, "-6", "::1"), verdict(weak(rig).port, "127.0.0.1")
    assert "is an open relay (16/16 tests)" in anybody, anybody
    assert "smtp-open-relay" in stranger and "open relay (" not in stranger, stranger
    assert "is an open relay" in insider, insider
    return "strangers: no open relay; found where relaying is allowed, and all sixteen ways at an open server"


def every_form(rig, _):
    """The sixteen pairs of nmap's list and those of abuse.net, a connection each, for our errors' limit ends a long one."""
    us, target, domain = "relay.example.com", "victim", "elsewhere.example"
    senders = ["", f"antispam@{domain}", f"antispam@{us}", "antispam@[127.0.0.1]", "antispam", "postmaster"]
    recipients = [f"{target}@{domain}", f"{target}%{domain}@{us}", f"{target}%{domain}@[127.0.0.1]", f'"{target}@{domain}"', f'"{target}%{domain}"', f"{target}@{domain}@{us}",
                  f'"{target}@{domain}"@{us}', f"{target}@{domain}@[127.0.0.1]", f"@{us}:{target}@{domain}", f"@[127.0.0.1]:{target}@{domain}", f"{domain}!{target}",
                  f"{domain}!{target}@{us}", f"{domain}!{target}@[127.0.0.1]", f"{target}%{domain}", f"{target}%{domain}@", f"{target}@{domain}."]
    for sender in senders:
        for recipient in recipients:
            with smtplib.SMTP("127.0.0.1", rig.port, local_hostname="stranger.example", timeout=20) as client:
                client.ehlo()
                client.docmd(f"MAIL FROM:<{sender}>")
                code, text = client.docmd(f"RCPT TO:<{recipient}>")
                assert code // 100 == 5, f"MAIL FROM:<{sender}> RCPT TO:<{recipient}>: {code} {text}"
    return f"{len(senders) * len(recipients)} pairs, all refused"


def weak(rig):
    return Weak(rig.folder / "relay.pem", rig.folder / "relay.key")


def examined(rig, port, *checks):
    report = rig.folder / f"testssl-{port}.json"
    done = said(["testssl", "--quiet", "--color", "0", "--warnings", "batch", "--jsonfile", report, *checks, "-t", "smtp", f"127.0.0.1:{port}"])
    found = {each["id"]: each for each in json.loads(report.read_text())}
    return done, found, {each["id"] for each in found.values() if each["severity"] in ("MEDIUM", "HIGH", "CRITICAL")}


def testssl(rig, _):
    """A weak server first, with which it must find fault: else it would find none with ours."""
    _, weakness, faults = examined(rig, weak(rig).port, "-p", "-s")
    assert {"cipherlist_NULL", "cipherlist_aNULL"} <= faults and weakness["TLS1"]["finding"].startswith("offered"), weakness
    done, found, bad = examined(rig, rig.port, "-p", "-s", "-f", "-R", "-H", "-I", "-Z")
    assert not bad, [f"{name}: {found[name]['finding']}" for name in bad]
    for name in ("SSLv2", "SSLv3", "TLS1", "TLS1_1", "cipherlist_NULL", "cipherlist_aNULL", "cipherlist_EXPORT", "cipherlist_LOW", "cipherlist_3DES_IDEA", "cipherlist_AVERAGE"):
        assert found[name]["finding"].startswith("not offered"), found.get(name)
    for name in ("TLS1_2", "TLS1_3", "PFS"):
        assert found[name]["finding"].startswith("offered"), found.get(name)
    assert "not vulnerable" in found["secure_client_renego"]["finding"], done.stdout
    return f"faults found with a weak server; {len(found)} findings here, none of weight; TLS 1.2 and 1.3 alone, forward secrecy, no renegotiation"


def swaks(rig, recorder):
    command = ["swaks", "--port", str(rig.port), "--from", "a@example.com", "--to", "swaks@elsewhere.example", "--ehlo", "swaks.example", "--hide-all"]
    stranger, insider = said([*command, "--server", "127.0.0.1"]), said([*command, "-6", "--server", "::1"])
    assert stranger.returncode == 24, f"a stranger's RCPT is to be refused, exit status {stranger.returncode}"
    assert insider.returncode == 0, insider.stdout.decode()
    recorder.await_messages("swaks@elsewhere.example", 30)
    return "a stranger refused, an insider's message delivered"


def smtp_source(rig, recorder):
    count = 1000
    begun = time.monotonic()
    done = said(["smtp-source", "-s", "20", "-m", str(count), "-l", "4096", "-f", "a@example.com", "-t", "source@elsewhere.example", f"[::1]:{rig.port}"])
    assert done.returncode == 0, done.stdout.decode()
    until(lambda: len(recorder.await_messages("source@elsewhere.example", 30)) >= count, "smtp-source's messages")
    assert len(recorder.await_messages("source@elsewhere.example", 1)) == count and not recorder.mistakes
    return f"{count} messages, each once, {count / (time.monotonic() - begun):.0f} a second through to the recorder"


def main(launcher):
    recorder = Recorder()
    rig = Rig(launcher, recorder.port, ACCESS)
    failed = 0
    try:
        for check in (nmap, every_form, swaks, smtp_source, testssl):
            begun = time.monotonic()
            try:
                print(f"{check.__name__:<14}{check(rig, recorder)} ({time.monotonic() - begun:.1f} s)", flush=True)
            except Exception as problem:   # whatever goes wrong with one is its line
                failed += 1
                print(f"{check.__name__:<14}FAILED: {type(problem).__name__}: {problem}", flush=True)
    finally:
        rig.close()
    print(f"{5 - failed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
