"""Has many people claim and decide at once until nothing is left, and counts whether any place was given twice.

    leases.py REWARDCTL [--tasks N] [--people N]

Every task is to be answered by two different people; at the end each must have exactly two labels.
"""
import argparse
import collections
import os
import tempfile
import threading
import time
from pathlib import Path

import load


def work(service, token, counts, number):
    connection = service.connect()
    while True:
        status, answer = load.ask(connection, "POST", "/tasks/claim", token, {"count": 2})
        assert status == 200, answer
        if not answer["leases"]:
            return
        for lease in answer["leases"]:
            body = {"task": lease["task"], "token": lease["token"], "answer": {"kind": "choose", "choice": "tie"}}
            status, answer = load.ask(connection, "POST", "/labels", token, body)
            assert status == 201, answer
            counts[number] += 1


def labels(service):
    connection, after = service.connect(), 0
    while after is not None:
        _, page = load.ask(connection, "GET", f"/labels?limit=200&after={after}", service.admin)
        yield from (row["label"] for row in page["labels"])
        after = page["next"]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("binary")
    parser.add_argument("--tasks", type=int, default=12_000)
    parser.add_argument("--people", type=int, default=32)
    args = parser.parse_args()
    os.environ.update(REWARDCTL_OVERLAP="2", REWARDCTL_REPEAT_SHARE="0")
    with tempfile.TemporaryDirectory() as folder:
        service = load.Service(str(Path(args.binary).resolve()), folder)
        try:
            load.fill(service, args.tasks)
            tokens = [service.token(f"p{n}", "reviewer") for n in range(args.people)]
            counts, start = [0] * args.people, time.perf_counter()
            workers = [threading.Thread(target=work, args=(service, token, counts, n)) for n, token in enumerate(tokens)]
            for worker in workers:
                worker.start()
            for worker in workers:
                worker.join()
            took = time.perf_counter() - start
            said = collections.Counter((label["item"], label["annotator"]) for label in labels(service))
            people = collections.Counter(collections.Counter(item for item, _ in said).values())
            assert people == {2: args.tasks} and set(said.values()) == {1}, people
            print(f"{sum(counts)} leases by {args.people} people, {sum(counts) / took:.0f} decisions a second: "
                  "every task has the labels of two people, one each")
        finally:
            service.process.terminate()
            service.process.wait()


if __name__ == "__main__":
    main()
