"""How much `rewardctl calibrate` accepts without a person, over random splits of a panel.

    python3 benches/replay/guarantee.py OUT_DIR [--train 100] [--calibrate 150] [--error 0.1] [--risk 0.1] [--splits 150]

OUT_DIR is what `panel_to_verdicts.py` wrote, with one label an item. Each split fits to `--train` prompts drawn at random, and
calibrates on as many others as `--calibrate` says. Coverage is the share of these that lies above the proven threshold, 0
where none could be proven.
"""

import argparse
import json
import pathlib
import random
import statistics
import subprocess
import tempfile

from splits import grouped, write_part


def coverage(verdicts, labels, args, seed):
    """The share of the calibration pairs that one split accepts."""
    items = [item for item in verdicts if item in labels]
    random.Random(seed).shuffle(items)
    train, known = items[: args.train], items[args.train :][: args.calibrate]
    with tempfile.TemporaryDirectory() as folder:
        model = str(pathlib.Path(folder, "model"))
        files = lambda part, items: write_part(folder, part, items, verdicts, labels)
        run = lambda *rest: subprocess.run([args.rewardctl, *rest, "--store", "none", "--json"], capture_output=True, text=True)
        signs = ["--allow-negative"] if args.allow_negative else []
        run("learn", *signs, *files("train", train), "-o", model).check_returncode()
        promise = ["--error", str(args.error), "--risk", str(args.risk), "--random-labels"]
        # Exit code 4 says that nothing could be proven.
        calibrated = run("calibrate", model, *files("known", known), *promise)
        if calibrated.returncode != 4:
            calibrated.check_returncode()
        found = json.loads(calibrated.stdout)["calibration"]
    return found["kept"] / found["pairs"] if found else 0.0


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("panel", type=pathlib.Path)
    parser.add_argument("--train", type=int, default=100)
    parser.add_argument("--calibrate", type=int, default=150)
    parser.add_argument("--error", type=float, default=0.1)
    parser.add_argument("--risk", type=float, default=0.1)
    parser.add_argument("--splits", type=int, default=150)
    parser.add_argument("--allow-negative", action="store_true")
    parser.add_argument("--rewardctl", default="rewardctl")
    args = parser.parse_args()
    verdicts, labels = grouped(args.panel / "verdicts.jsonl"), grouped(args.panel / "labels.jsonl")
    found = [coverage(verdicts, labels, args, seed) for seed in range(args.splits)]
    error = statistics.stdev(found) / len(found) ** 0.5
    nothing = sum(one == 0 for one in found) / len(found)
    print(f"coverage: mean {statistics.mean(found):.3f} ± {error:.3f}, median {statistics.median(found):.3f}; nothing accepted in {nothing:.0%} of splits")


if __name__ == "__main__":
    main()
