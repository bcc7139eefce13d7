"""Held-out accuracy of `rewardctl learn` where all critics are about as good and err independently, with few labels.

    python3 benches/replay/equal.py [--critics 12] [--accuracy 0.7] [--labels 1,4,20,50] [--seeds 8]

There is nothing to learn here: fixed weights are best, and the question is what labels that say nothing do. Each seed draws
60 pairs, of which a part is labelled, with critics that are right by chance alone; figures are on 1,500 other pairs.
"""

import argparse
import json
import pathlib
import random
import statistics
import subprocess
import tempfile


def write(folder, part, size, labelled, args, seed):
    """Writes pairs with the verdicts of all critics, and who won those that are labelled; returns the arguments that read them."""
    draw, verdicts, labels = random.Random(seed), [], []
    for at in range(size):
        item, wins = f"{seed}/{at}", draw.random() < 0.5
        votes = [wins == (draw.random() < args.accuracy) for _ in range(args.critics)]
        for side in (True, False):
            scores = [{"critic": f"c{critic}", "score": 0.75 if vote == side else 0.25} for critic, vote in enumerate(votes)]
            verdicts.append({"item": item, "verdicts": scores})
        if at < labelled:
            winner = "a" if wins else "b"
            labels.append({"kind": "compare", "item": item, "a": 0, "b": 1, "winner": winner, "annotator": "ana"})
    arguments = []
    for kind, rows in (("verdicts", verdicts), ("labels", labels)):
        path = pathlib.Path(folder, f"{part}_{kind}.jsonl")
        path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
        arguments += [f"--{kind}", str(path)]
    return arguments


def measured(folder, count, seed, args):
    """The accuracy of a fit, and of fixed weights."""
    run = lambda *rest: json.loads(subprocess.run([args.rewardctl, *rest, "--store", "none", "--json"], check=True, capture_output=True, text=True).stdout)
    model = str(pathlib.Path(folder, "model"))
    run("learn", *write(folder, "train", max(count, 60), count, args, seed), "-o", model)
    found = run("eval", "aggregator", model, *write(folder, "test", 1500, 1500, args, 10_000 + seed))["measured"]
    return [one["accuracy"]["mean"] for one in found if one["name"] in ("this aggregator", "fixed weights")]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--critics", type=int, default=12)
    parser.add_argument("--accuracy", type=float, default=0.7)
    parser.add_argument("--labels", default="1,4,20,50")
    parser.add_argument("--seeds", type=int, default=8)
    parser.add_argument("--rewardctl", default="rewardctl")
    args = parser.parse_args()
    print("labels   fit  fixed")
    for count in map(int, args.labels.split(",")):
        with tempfile.TemporaryDirectory() as folder:
            each = [measured(folder, count, seed, args) for seed in range(args.seeds)]
        fit, fixed = map(statistics.mean, zip(*each))
        print(f"{count:6} {fit:.3f}  {fixed:.3f}", flush=True)


if __name__ == "__main__":
    main()
