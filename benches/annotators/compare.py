"""Times Dawid-Skene of rewardctl beside crowd-kit's, in one run on the same seeded labels.

Usage: python compare.py --rewardctl PATH [--labels 100000] [--classes 5] [--iterations 20] [--rounds 5] [--seed 0]
"""

import argparse
import json
import re
import statistics
import subprocess
import sys
import tempfile
import time
import warnings
from pathlib import Path

import numpy as np
import pandas as pd
from crowdkit.aggregation import DawidSkene

warnings.filterwarnings("ignore")
LABELS_AN_ITEM = 5
ANNOTATORS = 500
ALL_ITERATIONS = -1e300


def main() -> None:
    args = parse()
    labels = draw(args)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "labels.csv"
        labels.to_csv(path, index=False)
        ours, theirs, whole = [], [], []
        for _ in range(args.rounds):
            seconds, fitted = crowd_kit(labels, args.iterations)
            theirs.append(seconds)
            fit, total, rows = rewardctl(args, path)
            ours.append(fit)
            whole.append(total)
    apart = difference(fitted, rows)
    print(f"{len(labels)} labels, {args.classes} classes, {args.iterations} iterations, median of {args.rounds} rounds")
    print(f"crowd-kit  {statistics.median(theirs) * 1000:9.1f} ms")
    print(f"rewardctl  {statistics.median(ours) * 1000:9.1f} ms   (the whole program {statistics.median(whole) * 1000:.1f} ms)")
    print(f"ratio      {statistics.median(theirs) / statistics.median(ours):9.1f}")
    print(f"posteriors apart by at most {apart:.1e}")
    if apart > 1e-6:
        sys.exit("the two do not agree")


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rewardctl", type=Path, required=True)
    parser.add_argument("--labels", type=int, default=100_000)
    parser.add_argument("--classes", type=int, default=5)
    parser.add_argument("--iterations", type=int, default=20)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seed", type=int, default=0)
    return parser.parse_args()


def draw(args: argparse.Namespace) -> pd.DataFrame:
    rng = np.random.default_rng(args.seed)
    items = args.labels // LABELS_AN_ITEM
    truth = rng.integers(0, args.classes, items)
    accuracy = rng.uniform(0.4, 0.95, ANNOTATORS)
    task = np.repeat(np.arange(items), LABELS_AN_ITEM)
    worker = np.concatenate([rng.choice(ANNOTATORS, LABELS_AN_ITEM, replace=False) for _ in range(items)])
    is_right = rng.random(len(task)) < accuracy[worker]
    label = np.where(is_right, truth[task], rng.integers(0, args.classes, len(task)))
    return pd.DataFrame({"task": task, "worker": worker, "label": label})


def crowd_kit(labels: pd.DataFrame, iterations: int):
    start = time.perf_counter()
    fitted = DawidSkene(n_iter=iterations, tol=ALL_ITERATIONS).fit(labels)
    return time.perf_counter() - start, fitted


def rewardctl(args: argparse.Namespace, path: Path):
    out = path.with_suffix(".jsonl")
    command = [
        args.rewardctl.resolve(), "--store", "none", "eval", "annotators", path, "--json", "--timings", "--pairs", "0",
        "--methods", "dawid-skene", "--method", "dawid-skene", "--iterations", args.iterations, "--tolerance", "0",
        "-o", out,
    ]
    start = time.perf_counter()
    done = subprocess.run([str(part) for part in command], check=True, capture_output=True, text=True)
    total = time.perf_counter() - start
    fit = float(re.search(r"^dawid-skene: ([0-9.]+) ms$", done.stderr, re.MULTILINE).group(1)) / 1000
    return fit, total, [json.loads(line) for line in out.read_text().splitlines()]


def difference(fitted: DawidSkene, rows: list[dict]) -> float:
    theirs = fitted.probas_.sort_index(axis=1)
    ours = {int(row["item"]): [one["probability"] for one in row["probabilities"]] for row in rows}
    return float(np.abs(theirs.to_numpy() - np.array([ours[item] for item in theirs.index])).max())


if __name__ == "__main__":
    main()
