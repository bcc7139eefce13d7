"""What `rewardctl learn` is worth on few labels, over repeated splits, beside the fixed weights and the best single critic.

    python3 benches/learning/splits.py NAME=DIR [NAME=DIR ...] [--rewardctl BIN] [--counts 20,50,200] [--splits 20] [--json OUT]

DIR holds `verdicts.jsonl` and `labels.jsonl`, as `benches/replay/panel_to_verdicts.py` and `pairs_to_verdicts.sh` write
them; only comparisons count. Each split puts half of the items aside, draws so many labels of the other half, fits on
all verdicts of that half with these labels, and measures on the labels of the items put aside. The best single critic is
the one that is right most often on the labels drawn. Differences are in percentage points, with the standard error of
their mean over the splits; splits share items, so that it is rather too small than too large.
"""

import argparse
import concurrent.futures
import json
import pathlib
import random
import statistics
import subprocess
import tempfile


def rows(path):
    with open(path, encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def write(path, found):
    path.write_text("".join(json.dumps(row) + "\n" for row in found), encoding="utf-8")


def item_of(row):
    return row.get("item_id") or row["item"]


def hit(margin, winner):
    """1 where the margin points to the winner, 0.5 where it is nought."""
    return 0.5 if margin == 0 else float((margin > 0) == (winner == "a"))


class Panel:
    """Verdicts and comparisons of one panel."""

    def __init__(self, name, folder):
        self.name = name
        self.rows = {}
        for row in rows(folder / "verdicts.jsonl"):
            self.rows.setdefault(item_of(row), []).append(row)
        known = lambda label: label["kind"] == "compare" and label["item"] in self.rows
        self.labels = [label for label in rows(folder / "labels.jsonl") if known(label)]

    def score(self, item, at, critic):
        for verdict in self.rows[item][at]["verdicts"]:
            if verdict["critic"] == critic:
                return verdict["score"]
        return None

    def accuracy(self, critic, labels):
        hits = []
        for label in labels:
            if label["winner"] != "tie":
                a, b = (self.score(label["item"], label[side], critic) for side in "ab")
                hits.append(hit(0 if a is None or b is None else a - b, label["winner"]))
        return statistics.mean(hits) if hits else 0.5

    def best_critic(self, labels):
        critics = sorted({v["critic"] for group in self.rows.values() for row in group for v in row["verdicts"]})
        return max(critics, key=lambda critic: self.accuracy(critic, labels))


def run(command):
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode != 0:
        raise SystemExit(f"{' '.join(command)}\n{done.stderr}")
    return json.loads(done.stdout)


def measure(binary, panel, split, counts):
    """The figures of one split: by count of labels."""
    chance = random.Random(split)
    items = sorted(panel.rows)
    chance.shuffle(items)
    test = set(items[: len(items) // 2])
    known = [label for label in panel.labels if label["item"] not in test]
    held = [label for label in panel.labels if label["item"] in test]
    chance.shuffle(known)
    found = {}
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        part = lambda inside: [row for item in sorted(panel.rows) if (item in test) == inside for row in panel.rows[item]]
        write(folder / "train.jsonl", part(False))
        write(folder / "test.jsonl", part(True))
        write(folder / "held.jsonl", held)
        for count in (count for count in counts if count <= len(known)):
            labels = known[:count]
            write(folder / "labels.jsonl", labels)
            at = lambda name: str(folder / name)
            run([binary, "learn", "--verdicts", at("train.jsonl"), "--labels", at("labels.jsonl"), "-o", at("model"), "--json"])
            report = run([binary, "eval", "aggregator", at("model"), "--verdicts", at("test.jsonl"), "--labels", at("held.jsonl"), "--json"])
            accuracy = {one["name"]: one["accuracy"]["mean"] for one in report["measured"][:2]}
            mean = lambda name: report["probabilities"][name]["mean"]
            found[count] = {
                "fit": accuracy["this aggregator"],
                "fixed": accuracy["fixed weights"],
                "best": panel.accuracy(panel.best_critic(labels), held),
                "log_loss": mean("log_loss"),
                "ece": mean("ece"),
            }
    return found


def spread(values):
    error = statistics.stdev(values) / len(values) ** 0.5 if len(values) > 1 else float("nan")
    return statistics.mean(values), error


def show(name, count, found):
    mean = lambda key: statistics.mean(one[key] for one in found)
    lead = lambda key: "{:+.1f} ± {:.1f}".format(*spread([100 * (one["fit"] - one[key]) for one in found]))
    shares = " | ".join(f"{100 * mean(key):.1f}" for key in ("fit", "fixed", "best"))
    return f"| {name} | {count} | {shares} | {lead('fixed')} | {lead('best')} | {mean('log_loss'):.3f} | {mean('ece'):.3f} |"


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("panels", nargs="+", metavar="NAME=DIR")
    parser.add_argument("--rewardctl", default="target/release/rewardctl")
    parser.add_argument("--counts", default="20,50,200")
    parser.add_argument("--splits", type=int, default=20)
    parser.add_argument("--json", type=pathlib.Path)
    args = parser.parse_args()
    counts = [int(count) for count in args.counts.split(",")]
    kept = {}
    print("| panel | labels | fit % | fixed % | best critic % | lead over fixed | lead over best critic | log loss | calibration error |")
    print("|---|---|---|---|---|---|---|---|---|")
    for name, folder in (panel.split("=", 1) for panel in args.panels):
        panel = Panel(name, pathlib.Path(folder))
        with concurrent.futures.ThreadPoolExecutor(2) as pool:
            splits = list(pool.map(lambda split: measure(args.rewardctl, panel, split, counts), range(args.splits)))
        for count in counts:
            found = [split[count] for split in splits if count in split]
            if found:
                print(show(name, count, found), flush=True)
                kept[f"{name}/{count}"] = found
    if args.json:
        args.json.write_text(json.dumps(kept, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
