"""Kills a run of `rewardctl score` with SIGKILL at random moments, again and again, and counts what was paid twice.

The endpoint of this folder answers after 50 ms. At the end, after a run that nobody kills:

- each call has one answer, its last attempt: none was asked again once it was answered;
- the endpoint saw no call more often than the ledger has attempts, and repeats only those that were in flight;
- the rows are those of an undisturbed run in a project of its own, and those of a replay of what was recorded.
"""

import argparse
import collections
import json
import os
import random
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from compare import HERE, bodies, endpoint, rows

CONCURRENCY = 16


def settings(port):
    return (f'[endpoints.scripted]\nbase-url = "http://127.0.0.1:{port}/v1"\nmodel = "scripted"\n'
            f'concurrency = {CONCURRENCY}\nprice = {{ input = "0.5", output = "1.5" }}\n')


def prepare(folder, port, calls):
    rows(f"{folder}/x.jsonl", calls)
    Path(folder, "rewardctl.toml").write_text(settings(port))


def start(binary, folder, more=()):
    command = [binary, "score", "x.jsonl", "--panel", str(HERE / "panel.toml"), "-o", "out.jsonl", *more]
    environment = {**os.environ, "REWARDCTL_STORE": f"{folder}/store.db"}
    return subprocess.Popen(command, cwd=folder, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)


def finish(binary, folder, more=()):
    process = start(binary, folder, more)
    _, said = process.communicate()
    if process.returncode:
        sys.exit(said.decode())
    return Path(folder, "out.jsonl").read_bytes()


def kill_again_and_again(binary, folder, kills, within, chance):
    done = 0
    while done < kills:
        process = start(binary, folder)
        time.sleep(chance.uniform(0.0, within))
        process.send_signal(signal.SIGKILL)
        process.stderr.close()
        if process.wait() == 0:
            return done
        done += 1
    return done


def audit(folder, seen):
    """Compares the ledger with what the endpoint saw; returns what is wrong, and a line of figures."""
    wrong = []
    with sqlite3.connect(f"file:{folder}/store.db?mode=ro", uri=True) as store:
        calls = store.execute(
            "SELECT calls.key, max(attempts.number), count(*), sum(state = 'done'), "
            "max(CASE WHEN state = 'done' THEN number END), sum(state = 'unknown') "
            "FROM calls JOIN attempts ON call = calls.seq LEFT JOIN attempt_ends ON attempt = attempts.seq "
            "WHERE purpose = 'critic' GROUP BY calls.seq").fetchall()
    attempts = sum(count for _, _, count, *_ in calls)
    unknown = sum(unknown for *_, unknown in calls)
    for _, last, _, done, answered, _ in calls:
        if done != 1 or answered != last:
            wrong.append(f"a call has {done} answers, the last at attempt {answered} of {last}")
    came = sum(seen.values())
    repeats = came - len(seen)
    if came > attempts:
        wrong.append(f"{came} requests came, and {attempts} stand in the ledger")
    if repeats > unknown:
        wrong.append(f"{repeats} requests came again, and only {unknown} were in flight")
    return wrong, f"{len(calls)} calls, {attempts} attempts, {came} requests came, {repeats} again, {unknown} in flight at a kill"


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rewardctl", default="target/release/rewardctl")
    parser.add_argument("--calls", type=int, default=2_000)
    parser.add_argument("--kills", type=int, default=50)
    parser.add_argument("--within", type=float, default=0.35, help="seconds after the start; more on a busy machine")
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    binary = str(Path(args.rewardctl).resolve())
    process, port = endpoint(50)
    try:
        with tempfile.TemporaryDirectory() as killed, tempfile.TemporaryDirectory() as calm:
            prepare(killed, port, args.calls)
            kills = kill_again_and_again(binary, killed, args.kills, args.within, random.Random(args.seed))
            out = finish(binary, killed)
            seen = collections.Counter(json.dumps(body) for body in bodies(port))
            wrong, figures = audit(killed, seen)
            before = len(bodies(port))
            if finish(binary, killed, ["--record", "tape.jsonl"]) != out:
                wrong.append("the rows differ when all is answered by the ledger")
            if len(bodies(port)) != before:
                wrong.append("a run that the ledger answers asked the endpoint")
            prepare(calm, port, args.calls)
            if finish(binary, calm) != out:
                wrong.append("the rows differ from those of an undisturbed run")
            Path(calm, "store.db").rename(Path(calm, "elsewhere.db"))
            Path(killed, "tape.jsonl").rename(Path(calm, "tape.jsonl"))
            if finish(binary, calm, ["--replay", "tape.jsonl"]) != out:
                wrong.append("the rows differ from those of a replay")
    finally:
        process.terminate()
        process.wait()
    print(f"{kills} kills; {figures}")
    print("\n".join(wrong[:20]) or "no finished call was asked again, and the rows are the same")
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
