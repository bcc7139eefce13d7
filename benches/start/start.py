"""Times how long `rewardctl score` takes from its start to its end on one response: what a CI job or a script waits for at least.

Every round runs each kind once, in turn, with a store and an output that are not there yet. Several binaries are compared in one run."""

import argparse
import statistics
import subprocess
import tempfile
import time
from pathlib import Path

ROW = '{"prompt":"What is two and two?","response":"It is four."}\n'
KINDS = {
    "rules, no store": ["--store", "none", "score", "one.jsonl", "--panel", "rules", "-o", "out.jsonl"],
    "rules, new store": ["--store", "store.db", "score", "one.jsonl", "--panel", "rules", "-o", "out.jsonl"],
    "text model, no store": ["--store", "none", "score", "one.jsonl", "-o", "out.jsonl"],
}


def timed(binary, arguments, folder):
    for name in ["store.db", "store.db-wal", "store.db-shm", "out.jsonl"]:
        (folder / name).unlink(missing_ok=True)
    start = time.perf_counter()
    subprocess.run([binary, *arguments], cwd=folder, capture_output=True, check=True)
    return (time.perf_counter() - start) * 1000


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("binaries", nargs="*", default=["target/release/rewardctl"], metavar="BINARY")
    parser.add_argument("--rounds", type=int, default=25)
    args = parser.parse_args()
    found = {}
    with tempfile.TemporaryDirectory() as folder:
        folder = Path(folder)
        (folder / "one.jsonl").write_text(ROW)
        for _ in range(args.rounds):
            for binary in args.binaries:
                for kind, arguments in KINDS.items():
                    took = timed(str(Path(binary).resolve()), arguments, folder)
                    found.setdefault((binary, kind), []).append(took)
    for (binary, kind), times in found.items():
        print(f"{binary}  {kind:20} median {statistics.median(times):6.1f} ms, least {min(times):6.1f} ms")


if __name__ == "__main__":
    main()
