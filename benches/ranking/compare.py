"""Times the Bradley-Terry fit beside evalica's compiled core and choix, on the same seeded comparisons, in one run."""

import argparse
import json
import subprocess
import tempfile
import time
from pathlib import Path

import choix
import evalica
import numpy as np

SEED = 20261127
WINNERS = [evalica.Winner.X, evalica.Winner.Y, evalica.Winner.Draw]


def comparisons(count, models):
    """Returns the models and the winners (0, 1, 2 for a tie) of random comparisons; a sixth are ties."""
    rng = np.random.default_rng(SEED)
    theta = rng.normal(0, 1, models)
    a = rng.integers(0, models, count)
    b = (a + rng.integers(1, models, count)) % models
    won = rng.random(count) < 1 / (1 + np.exp(theta[b] - theta[a]))
    return a, b, np.where(rng.random(count) < 1 / 6, 2, np.where(won, 0, 1))


def timed(rounds, call):
    seconds, found = [], None
    for _ in range(rounds):
        start = time.perf_counter()
        found = call()
        seconds.append(time.perf_counter() - start)
    return min(seconds), found


def ours(binary, a, b, winners, rounds):
    with tempfile.NamedTemporaryFile("w", suffix=".csv") as file:
        file.writelines(f"{x},{y},{w}\n" for x, y, w in zip(a, b, winners))
        file.flush()
        out = subprocess.run([binary, file.name, str(rounds)], check=True, capture_output=True, text=True)
    found = json.loads(out.stdout)
    return min(found["seconds"]), found


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--binary", default="target/release/examples/bradley_terry", help="the built example")
    parser.add_argument("--count", type=int, default=100_000, help="comparisons")
    parser.add_argument("--rounds", type=int, default=7, help="the fastest of so many rounds counts")
    args = parser.parse_args()
    if not Path(args.binary).exists():
        raise SystemExit(f"skipped: there is no {args.binary}; README.md says how it is built")
    print("| models | engine | seconds | largest difference in log odds |\n|---|---|---|---|")
    for models in (60, 200):
        a, b, winners = comparisons(args.count, models)
        seconds, found = ours(args.binary, a, b, winners, args.rounds)
        strengths = np.array(found["log_odds"])
        print(f"| {models} | rewardctl | {seconds:.4f} | |")
        print(f"| {models} | rewardctl, 500 bootstrap samples | {found['bootstrap_seconds']:.3f} | |")
        xs, ys, ws = [str(n) for n in a], [str(n) for n in b], [WINNERS[w] for w in winners]

        def fit(tolerance):
            return evalica.bradley_terry(xs, ys, ws, tolerance=tolerance, limit=1000)

        for tolerance in (1e-6, 1e-12):
            seconds, result = timed(args.rounds, lambda: fit(tolerance))
            theirs = np.log([result.scores[str(n)] for n in range(models)])
            gap = np.abs(theirs - theirs.mean() - strengths).max()
            print(f"| {models} | evalica, tolerance {tolerance:g} | {seconds:.4f} | {gap:.1e} |")
        # The compiled core alone: models are numbers already, nothing is looked up or sorted in Python.
        core = dict(xs=a.tolist(), ys=b.tolist(), winners=ws, weights=[1.0] * len(ws), total=models,
                    win_weight=1.0, tie_weight=0.5, tolerance=1e-6, limit=1000)
        seconds, _ = timed(args.rounds, lambda: evalica._brzo.bradley_terry(**core))
        print(f"| {models} | evalica, compiled core alone, tolerance 1e-06 | {seconds:.4f} | |")
        games = [pair for x, y, w in zip(a, b, winners) for pair in ([(x, y)], [(y, x)], [])[w]]
        seconds, _ = timed(1, lambda: choix.ilsr_pairwise(models, games, alpha=1e-9))
        print(f"| {models} | choix, I-LSR, without the ties | {seconds:.4f} | |")


if __name__ == "__main__":
    main()
