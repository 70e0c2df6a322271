"""Every client sends through the relay; one row each. Exit status 1 when anything arrived otherwise than it was sent."""
import sys
import time

from message import check_content, check_envelope, recipients
from programs import PROGRAMS
from recorder import Recorder
from rig import Rig
from servers import SERVERS


def row(rig, recorder, client, send):
    begun = time.monotonic()
    told = send(rig)
    transactions = recorder.await_messages(recipients(client)[0], 30) + recorder.await_messages(recipients(client)[1], 30)
    transactions = list(dict.fromkeys(transactions))
    for transaction in transactions:
        check_content(client, transaction.content, added=told.get("added", ()), exact=told.get("exact", True))
    if "parameters" in told:
        (mail, rcpt), = told["parameters"]
        for transaction in transactions:
            for parameters, wanted in [(transaction.sender[1], mail), *((each[1], rcpt) for each in transaction.recipients)]:
                if not wanted.items() <= parameters.items():
                    raise AssertionError(f"parameters {parameters}, expected {wanted}")
    else:
        check_envelope(client, transactions, dsn=told.get("dsn", False), orcpt=told.get("orcpt", True))
    return told, time.monotonic() - begun


def main(launcher, wanted):
    recorder = Recorder()
    rig = Rig(launcher, recorder.port)
    failed = []
    clients = {**PROGRAMS, **SERVERS}
    try:
        print(f"{'client':<12}{'version':<34}{'through':<58}{'arrived':<34}s")
        for client, send in clients.items():
            if wanted and client not in wanted:
                continue
            try:
                told, seconds = row(rig, recorder, client, send)
                arrived = "octet for octet" if told.get("exact", True) else "body octet for octet"
                if told.get("added"):
                    arrived += ", " + "+".join(told["added"])
                print(f"{client:<12}{told['version']:<34}{told['how']:<58}{arrived:<34}{seconds:.1f}", flush=True)
            except Exception as problem:   # whatever goes wrong with one client is its row
                failed.append(client)
                print(f"{client:<12}FAILED: {type(problem).__name__}: {problem}", flush=True)
        if failed:
            print("--- the relay's log ---\n" + "\n".join(rig.log().splitlines()[-60:]))
    finally:
        rig.close()
    print(f"{len(clients) - len(failed) if not wanted else len(wanted) - len(failed)} passed, {len(failed)} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2:]))
