"""Claims and decisions a second over the API, beside a naive queue: one table without an index, a commit a step.

    claims.py REWARDCTL [--tasks N] [--people N] [--seconds N]

Both hold the same number of tasks, and are used by as many people at once, who take a task and answer it, over and over.
The naive queue is called as a library, without HTTP; both force every commit to disk.
"""
import argparse
import random
import sqlite3
import tempfile
import threading
import time
from pathlib import Path

import load

NEXT = """UPDATE tasks SET holder = ?, until = ? WHERE id = (
    SELECT id FROM tasks WHERE answer IS NULL AND (holder IS NULL OR until < ?) ORDER BY priority DESC LIMIT 1)
    RETURNING id"""


def together(people, seconds, step):
    """Returns how often all people together made a step, a second."""
    counts, end = [0] * people, time.perf_counter() + seconds

    def work(who):
        do = step(who)
        while time.perf_counter() < end:
            do()
            counts[who] += 1

    threads = [threading.Thread(target=work, args=(who,)) for who in range(people)]
    start = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sum(counts) / (time.perf_counter() - start)


def ours(binary, folder, args):
    service = load.Service(binary, folder)
    try:
        load.fill(service, args.tasks)
        tokens = [service.token(f"p{n}", "reviewer") for n in range(args.people)]

        def step(who):
            connection, token, draw = service.connect(), tokens[who], random.Random(who)

            def do():
                _, answer = load.ask(connection, "POST", "/tasks/claim", token, {})
                lease = answer["leases"][0]
                said = {"kind": "choose", "choice": draw.choice(["left", "right", "tie"])}
                body = {"task": lease["task"], "token": lease["token"], "elapsed_ms": 1200, "answer": said}
                status, answer = load.ask(connection, "POST", "/labels", token, body)
                assert status in (200, 201), answer

            return do

        return together(args.people, args.seconds, step)
    finally:
        service.process.kill()
        service.process.wait()


def naive(folder, args):
    path = str(Path(folder, "naive.db"))
    store = sqlite3.connect(path)
    store.execute("PRAGMA journal_mode = WAL")
    store.execute("CREATE TABLE tasks (id INTEGER PRIMARY KEY, priority REAL, text TEXT, holder INTEGER, until REAL, answer TEXT)")
    draw = random.Random(1)
    rows = ((draw.random(), f"question {n} " + "word " * 100) for n in range(args.tasks))
    store.executemany("INSERT INTO tasks (priority, text) VALUES (?, ?)", rows)
    store.commit()

    def step(who):
        own = sqlite3.connect(path, isolation_level=None, timeout=60)
        own.execute("PRAGMA synchronous = FULL")

        def do():
            now = time.time()
            task, = own.execute(NEXT, (who, now + 600, now)).fetchone()
            own.execute("UPDATE tasks SET answer = 'left' WHERE id = ? AND holder = ?", (task, who))

        return do

    return together(args.people, args.seconds, step)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("binary")
    parser.add_argument("--tasks", type=int, default=20_000)
    parser.add_argument("--people", type=int, default=8)
    parser.add_argument("--seconds", type=float, default=10)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        of_queue = naive(folder, args)
        of_service = ours(str(Path(args.binary).resolve()), folder, args)
    print(f"{args.tasks} tasks, {args.people} people: the service {of_service:.0f} claims with decisions a second, "
          f"the naive queue {of_queue:.0f}: {of_service / of_queue:.1f} times as many")


if __name__ == "__main__":
    main()
