"""Loads a service with a mix of reads and labels at a steady rate, and says how long answers took.

    load.py REWARDCTL [--items N] [--rate N] [--seconds N] [--people N]

Makes a store in a temporary folder, fills it over the API with N items of two responses and a task each, and then
asks at a fixed rate, whether earlier answers have come or not (an open loop, so that a stall counts in full).
Of ten requests four claim a task and decide it, three read lists, two read items, one reads counts.
"""
import argparse
import http.client
import json
import os
import queue
import random
import subprocess
import tempfile
import threading
import time
from pathlib import Path

BATCH = 500


class Service:
    def __init__(self, binary, folder):
        self.env = {**os.environ, "REWARDCTL_STORE": str(Path(folder, "store.db"))}
        run = lambda *args: subprocess.run([binary, *args], cwd=folder, env=self.env, check=True,
                                           capture_output=True, text=True).stdout
        self.token = lambda name, role: json.loads(run("user", "add", name, "--role", role, "--json"))["token"]
        self.admin = self.token("root", "admin")
        self.process = subprocess.Popen([binary, "serve", "--listen", "127.0.0.1:0", "--requests", "1000000"],
                                        cwd=folder, env=self.env, stderr=subprocess.PIPE, text=True)
        self.host = self.process.stderr.readline().split("http://")[1].split("/")[0]

    def connect(self):
        return http.client.HTTPConnection(self.host, timeout=60)


def ask(connection, method, path, token, body=None):
    headers = {"authorization": f"Bearer {token}", "content-type": "application/json"}
    connection.request(method, f"/api/v1{path}", None if body is None else json.dumps(body), headers)
    answer = connection.getresponse()
    text = answer.read()
    return answer.status, json.loads(text) if text else None


def fill(service, count):
    connection = service.connect()
    words = "the answer is that one may try it and look how far it goes before anything else is done".split()
    text = lambda n, side: f"{side} {n}: " + " ".join(random.Random(f"{n}{side}").choices(words, k=60))
    ids = []
    for start in range(0, count, BATCH):
        numbers = range(start, min(start + BATCH, count))
        items = [{"prompt": [{"role": "user", "content": f"Question {n}?"}],
                  "responses": [{"text": text(n, "a")}, {"text": text(n, "b")}]} for n in numbers]
        status, added = ask(connection, "POST", "/items", service.admin, {"items": items})
        assert status == 201, added
        tasks = [{"kind": "choose", "item": item["id"], "responses": item["responses"]} for item in added["items"]]
        status, answer = ask(connection, "POST", "/tasks", service.admin, {"tasks": tasks})
        assert status == 201, answer
        ids.extend(item["id"] for item in added["items"][:20])
    return ids


def work(service, jobs, times, tokens, ids):
    connection = service.connect()
    while (job := jobs.get()) is not None:
        due, kind, seed = job
        draw = random.Random(seed)
        token = draw.choice(tokens)
        try:
            if kind == "label":
                status, answer = ask(connection, "POST", "/tasks/claim", token, {})
                times.append(("claim", time.perf_counter() - due, status))
                due = time.perf_counter()
                lease = answer["leases"][0]
                body = {"task": lease["task"], "token": lease["token"], "elapsed_ms": 1200,
                        "answer": {"kind": "choose", "choice": draw.choice(["left", "right", "tie"])}}
                status, answer = ask(connection, "POST", "/labels", token, body)
            elif kind == "list":
                path = draw.choice(["/tasks?limit=50", "/labels?limit=50", "/items?limit=20"])
                status, _ = ask(connection, "GET", path, service.admin)
            elif kind == "item":
                status, _ = ask(connection, "GET", f"/items/{draw.choice(ids)}", token)
            else:
                status, _ = ask(connection, "GET", "/stats", token)
        except (OSError, http.client.HTTPException, IndexError, TypeError) as error:
            connection = service.connect()
            status = repr(error)
        times.append((kind, time.perf_counter() - due, status))


def check(service, decided):
    """Every decision that was confirmed is one label of a pair of its own, or a repeat that is none."""
    connection, after, pairs, labels = service.connect(), 0, set(), 0
    while after is not None:
        _, page = ask(connection, "GET", f"/labels?limit=200&after={after}", service.admin)
        for row in page["labels"]:
            compare = row["label"]["judgement"]["compare"]
            pairs.add((compare["a"], compare["b"]))
            labels += 1
        after = page["next"]
    time.sleep(1.1)  # counts may be a second old
    _, stats = ask(connection, "GET", "/stats", service.admin)
    assert labels == len(pairs), f"{labels} labels of {len(pairs)} pairs"
    assert stats["queue"]["decided"] == decided, (stats, decided)
    print(f"checked: {decided} leases decided, {labels} labels, each of a pair of its own")


def percentile(values, share):
    return sorted(values)[min(len(values) - 1, int(share * len(values)))] * 1000


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("binary")
    parser.add_argument("--items", type=int, default=10_000)
    parser.add_argument("--rate", type=float, default=200)
    parser.add_argument("--seconds", type=float, default=20)
    parser.add_argument("--people", type=int, default=16)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        service = Service(str(Path(args.binary).resolve()), folder)
        try:
            start = time.perf_counter()
            ids = fill(service, args.items)
            print(f"{args.items} items and tasks in {time.perf_counter() - start:.0f} s")
            tokens = [service.token(f"p{n}", "reviewer") for n in range(args.people)]
            jobs, times = queue.Queue(), []
            workers = [threading.Thread(target=work, args=(service, jobs, times, tokens, ids)) for _ in range(32)]
            for worker in workers:
                worker.start()
            # A label is two requests: four of ten are two of eight.
            kinds = ["label", "label", "list", "list", "list", "item", "item", "stats"]
            begin, count = time.perf_counter(), int(args.rate * args.seconds * 0.8)
            for n in range(count):
                due = begin + n / (args.rate * 0.8)
                time.sleep(max(0, due - time.perf_counter()))
                jobs.put((due, kinds[n % len(kinds)], n))
            for _ in workers:
                jobs.put(None)
            for worker in workers:
                worker.join()
            took = time.perf_counter() - begin
            print(f"{len(times)} requests in {took:.1f} s: {len(times) / took:.0f} a second")
            print(f"{'':8}{'count':>7}{'p50':>9}{'p95':>9}{'p99':>9}{'most':>9}   refused")
            check(service, sum(row[0] == "label" and row[2] == 201 for row in times))
            for kind in ["claim", "label", "list", "item", "stats", "all"]:
                own = [row for row in times if kind in (row[0], "all")]
                values = [row[1] for row in own]
                bad = [row[2] for row in own if not isinstance(row[2], int) or row[2] >= 300]
                shown = "".join(f"{percentile(values, share):9.1f}" for share in (0.5, 0.95, 0.99, 1))
                print(f"{kind:8}{len(own):7}{shown}   {len(bad)} {bad[:2] if bad else ''}")
        finally:
            service.process.terminate()
            service.process.wait()


if __name__ == "__main__":
    main()
