"""Runs `rewardctl score` against an endpoint with faults, each alone and all at once, and keeps books beside it.

The endpoint is `../shared/tools/mock_openai.py`, a scripted chat completions server with switchable faults; where it
is absent this says so and ends. What is checked after each run:

- as many requests came as attempts stand in the ledger, by outcome;
- the ledger's money is the sum of what the endpoint billed, to the nano-dollar;
- each score is that of replies which hold it, read here again; no verdict that failed had one;
- as many rows leave as came, and a second run without faults asks only about what had failed.
"""

import argparse
import atexit
import importlib.util
import itertools
import json
import os
import re
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
MOCK = ROOT / "../shared/tools/mock_openai.py"
INPUT_NANO, OUTPUT_NANO = 150, 600
FAULTS = ["p429", "p500", "p503", "pmal", "pschema", "ptrunc", "pcut", "pempty", "prefuse", "phang", "preset"]
# What the ledger makes of each outcome of the endpoint: done, failed, or unknown since it may have been billed.
ENDS = {"ok": "done", "pmal": "done", "pschema": "done", "ptrunc": "done", "prefuse": "done",
        "p429": "failed", "p500": "failed", "p503": "failed", "pempty": "failed",
        "pcut": "unknown", "phang": "unknown", "preset": "unknown"}

PANEL = """
name = "faults"
[quorum]
coverage = 0.1
dimensions = 1
[[dimension]]
name = "accuracy"
weight = 1
[[critic]]
name = "llm.accuracy"
prompt = "accuracy"
samples = 3
[[critic]]
name = "llm.preference"
prompt = "preference"
dimension = "accuracy"
samples = 1
"""


def serve(port, lacks, bill):
    """The mock, which also writes down what it bills, and lacks the abilities named."""
    spec = importlib.util.spec_from_file_location("mock", MOCK)
    mock = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(mock)
    completion, billed = mock.completion, []

    def lacking(req, body, what):
        req = dict(req)
        if "n" in lacks:
            req.pop("n", None)
        if "logprobs" in lacks:
            req.pop("logprobs", None)
        if "schema" in lacks and req.get("response_format", {}).get("type") == "json_schema":
            req.pop("response_format")
        reply = completion(req, body, what)
        # A reply that was cut is billed, but nobody learns how much.
        if what not in ("pcut",):
            usage = reply["usage"]
            billed.append((usage["prompt_tokens"], usage["completion_tokens"]))
        return reply

    mock.completion = lacking
    atexit.register(lambda: Path(bill).write_text(json.dumps(billed)))
    sys.argv = [str(MOCK), "--port", str(port), "--latency-ms", "2", "--retry-after", "0.05"]
    mock.main()


def ask(port, path, body=None):
    data = None if body is None else json.dumps(body).encode()
    with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", data) as reply:
        return json.load(reply)


class Endpoint:
    def __init__(self, port, lacks, bill):
        self.port = port
        command = [sys.executable, __file__, "--serve", str(port), "--lacks", ",".join(lacks), "--bill", bill]
        self.process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
        for _ in range(200):
            try:
                ask(port, "/health")
                return
            except OSError:
                time.sleep(0.05)
        sys.exit("the endpoint does not start")

    def close(self):
        self.process.send_signal(signal.SIGTERM)
        self.process.wait()


def rows(path, count):
    with open(path, "w") as file:
        for n in range(count):
            responses = [f"It is {n}, as the table says.", f"Nobody can know what {n} stands for."]
            file.write(json.dumps({"prompt": f"What is {n}?", "responses": responses}) + "\n")


def score(binary, folder, more=""):
    command = [binary, "score", "x.jsonl", "--panel", "panel.toml", "-o", "out.jsonl", "--json", *more.split()]
    environment = {**os.environ, "REWARDCTL_STORE": f"{folder}/store.db"}
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True)


def read(folder, question):
    with sqlite3.connect(f"file:{folder}/store.db?mode=ro", uri=True) as store:
        return store.execute(question).fetchall()


def attempts(folder):
    """The ends of all attempts by state, the money that is known, and what is reserved where nobody saw the end."""
    ends = dict(read(folder, "SELECT state, count(*) FROM attempt_ends GROUP BY state"))
    [(sent, cost)] = read(folder, "SELECT (SELECT count(*) FROM attempts), (SELECT total(cost) FROM attempt_ends)")
    [(reserved,)] = read(folder, "SELECT total(reserved) FROM attempts JOIN attempt_ends ON attempt = attempts.seq "
                                 "WHERE state = 'unknown'")
    return sent, ends, int(cost), int(reserved)


def said(folder, zstd):
    """What a plain reader finds in the replies of each call: scores and winners, or nothing."""
    found = {}
    rows = read(folder, "SELECT hex(calls.key), body FROM calls JOIN attempts ON call = calls.seq "
                        "JOIN attempt_ends ON attempt = attempts.seq WHERE state = 'done'")
    for key, body in rows:
        for choice in json.loads(zstd(body))["choices"]:
            found.setdefault(key.lower(), []).append(plainly(choice))
    return found


def plainly(choice):
    """The verdict that a person would read: of a whole reply, a winner, a score under its name, or a number alone."""
    content = choice["message"]["content"]
    if choice["finish_reason"] != "stop" or choice["message"].get("refusal") or not content:
        return None
    if found := re.search(r'"winner": ?"(A|B|tie)"', content):
        return found[1]
    found = re.search(r'"score": ?([1-5])\b(?!\.)', content) or re.fullmatch(r'"?([1-5])"?', content.strip())
    return int(found[1]) if found else None


def invented(verdict, found):
    """Says what is wrong with a verdict, judged by the replies that it names."""
    replies = [one for call in sorted(set(verdict["calls"])) for one in found.get(call, [])]
    readable = [one for one in replies if one is not None]
    if verdict["outcome"] == "scored":
        if not readable:
            return "a score without a reply that holds one"
        if verdict["method"] in ("single", "samples"):
            # One reply may stand for several draws: equal replies without a verdict are mended by one call.
            draws = [some for k in (1, 2, 3) for some in itertools.combinations_with_replacement(readable, k)]
            means = [sum((one - 1) / 4 for one in some) / len(some) for some in draws]
            if all(abs(mean - verdict["score"]) > 1e-9 for mean in means):
                return f"{verdict['score']} is not the mean of {readable}"
    elif verdict["critic"] == "llm.accuracy" and len(readable) > 1 and len(readable) == len(replies):
        return f"no score, though {readable} was said"
    return None


def books(folder, port, zstd, summary, count):
    """Compares both sides, and returns what does not agree."""
    wrong = []
    stats = ask(port, "/_stats")
    sent, ends, cost, reserved = attempts(folder)
    if stats["requests"] != sent:
        wrong.append(f"{stats['requests']} requests came, {sent} stand in the ledger")
    expected = {}
    for outcome, number in stats["outcomes"].items():
        expected[ENDS[outcome]] = expected.get(ENDS[outcome], 0) + number
    # A hanging call ends here before it ends there.
    hanging = stats["in_flight"]
    expected["unknown"] = expected.get("unknown", 0) + hanging
    if {k: v for k, v in expected.items() if v} != ends:
        wrong.append(f"outcomes {expected}, ledger {ends}")
    told = summary["calls"]["sent"]
    if (told["spent_nano"], told["reserved_nano"]) != (cost, reserved):
        wrong.append(f"the summary tells {told}, the ledger {cost} and {reserved} reserved")
    rows = [json.loads(line) for line in open(f"{folder}/out.jsonl")]
    if len(rows) != 2 * count:
        wrong.append(f"{len(rows)} rows out of {2 * count}")
    found = said(folder, zstd)
    verdicts = [verdict for row in rows for verdict in row["verdicts"]]
    wrong.extend(filter(None, (invented(verdict, found) for verdict in verdicts)))
    outcomes = {}
    for verdict in verdicts:
        outcomes[verdict["outcome"]] = outcomes.get(verdict["outcome"], 0) + 1
    return wrong, sent, cost, reserved, outcomes


def reason(stderr):
    said = [line for line in stderr.splitlines() if line.startswith(("error", "  caused"))]
    return " ".join(said)[:200]


def run(binary, port, name, faults, lacks, count, zstd):
    with tempfile.TemporaryDirectory() as folder:
        bill = f"{folder}/bill.json"
        endpoint = Endpoint(port, lacks, bill)
        try:
            rows(f"{folder}/x.jsonl", count)
            Path(folder, "panel.toml").write_text(PANEL)
            Path(folder, "rewardctl.toml").write_text(
                f'[endpoints.main]\nbase-url = "http://127.0.0.1:{port}/v1"\nmodel = "mock"\ntimeout-s = 1\n'
                f'price = {{ input = "{INPUT_NANO / 1000}", output = "{OUTPUT_NANO / 1000}" }}\n')
            ask(port, "/_config", faults)
            start = time.perf_counter()
            first = score(binary, folder)
            wall = time.perf_counter() - start
            if first.returncode:
                print(f"{name:26} exit {first.returncode}: {reason(first.stderr)}  ({wall:.1f} s)")
                sent, *_ = attempts(folder)
                came = ask(port, "/_stats")["requests"]
                return [f"{came} requests came, {sent} stand in the ledger"] if came != sent else []
            wrong, sent, cost, reserved, outcomes = books(folder, port, zstd, json.loads(first.stdout), count)
            ask(port, "/_config", {fault: 0.0 for fault in FAULTS})
            again = score(binary, folder)
            rows_again = [json.loads(line) for line in open(f"{folder}/out.jsonl")]
            left = sum(verdict["outcome"] == "failed" for row in rows_again for verdict in row["verdicts"])
            more = attempts(folder)[0] - sent
            failed = outcomes.get("failed", 0)
            if not failed and more:
                wrong.append(f"nothing had failed, and {more} more were sent")
            if again.returncode:
                wrong.append(f"the second run ends with {again.returncode}")
            final = attempts(folder)[2]
        finally:
            endpoint.close()
        billed = sum(INPUT_NANO * i + OUTPUT_NANO * o for i, o in json.loads(Path(bill).read_text()))
        if billed != final:
            wrong.append(f"billed {billed} nano-dollars, booked {final}")
        print(f"{name:26} exit 0  {wall:5.1f} s  {sent:5} sent  {outcomes}  ${cost / 1e9:.9f} + ${reserved / 1e9:.6f} unseen; "
              f"without faults {more} more, {left} failed  {'' if not wrong else 'WRONG'}")
        return wrong


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rewardctl", default="target/release/rewardctl")
    parser.add_argument("--rows", type=int, default=60)
    parser.add_argument("--port", type=int, default=8390)
    parser.add_argument("--only", default="")
    parser.add_argument("--serve", type=int)
    parser.add_argument("--lacks", default="")
    parser.add_argument("--bill", default="")
    args = parser.parse_args()
    if args.serve:
        return serve(args.serve, args.lacks.split(","), args.bill)
    if not MOCK.exists():
        sys.exit(f"skipped: there is no `{MOCK}`")
    try:
        from zstandard import ZstdDecompressor
    except ImportError:
        sys.exit("skipped: there is no `zstandard`; benches/calls/requirements.txt names what is needed")
    zstd = ZstdDecompressor().decompress
    cases = [("no fault", {}, [])]
    cases += [(f"{fault} 20 %", {fault: 0.2}, []) for fault in FAULTS]
    cases += [(f"{fault} always", {fault: 1.0}, []) for fault in FAULTS]
    cases += [("all faults", {fault: 0.05 for fault in FAULTS}, [])]
    cases += [(f"no {lack}", {}, [lack]) for lack in ("logprobs", "schema", "n")]
    cases += [("all faults, lacks all", {fault: 0.04 for fault in FAULTS}, ["logprobs", "schema", "n"])]
    binary, wrong = str(Path(args.rewardctl).resolve()), []
    for name, faults, lacks in cases:
        if args.only in name:
            found = run(binary, args.port, name, faults, lacks, args.rows, zstd)
            wrong += [f"{name}: {what}" for what in found]
    print("\n".join(wrong[:40]) or "both sides agree")
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
