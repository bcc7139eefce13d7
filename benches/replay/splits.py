"""Held-out accuracy of `rewardctl learn` at several label counts, beside fixed weights and the best single critic.

    python3 benches/replay/splits.py OUT_DIR... [--labels 20,50,200] [--splits 40] [--missing 0.2] [--allow-negative]
        [--target DIMENSION]

OUT_DIR is what `panel_to_verdicts.py` wrote. Each split deals prompts, with all pairs of each, at random into a test part (three
of ten items, some 400 at most) and a part from which labels are taken, one item after the other. The fit sees the verdicts of
its own items alone.
The best single critic is the one that is right most often on the labels at hand. `--missing` drops that share of all
verdicts at random, `--allow-negative` lets weights have any sign. `--target` takes the ratings of this dimension, exactly as
many as `--labels` says; the best single critic is then the one that orders most pairs of responses as their mean ratings do,
and is half right where the labels name none. A split whose labels are too few, or whose fit is refused because no critic's
scores differ, is left out. Figures are means over splits, `±` is the standard error of a difference over splits. `if true` is
the ECE that these probabilities would have on as many pairs if every one of them were true: it is never 0.
"""

import argparse
import collections
import itertools
import json
import math
import pathlib
import random
import statistics
import subprocess
import tempfile

ORDER = {"a": (0, 1), "b": (1, 0)}


def grouped(path, target=None):
    """The rows of a JSONL file, or those of the dimension `target`, by their item, in the order of the file."""
    found = collections.defaultdict(list)
    for row in map(json.loads, path.read_text(encoding="utf-8").splitlines()):
        if target in (None, row.get("dimension")):
            found[row["item"]].append(row)
    return found


def without(rows, share, rng):
    """The rows of a prompt, with each critic gone from all with the chance `share`."""
    critics = dict.fromkeys(verdict["critic"] for row in rows for verdict in row["verdicts"])
    gone = {critic for critic in critics if rng.random() < share}
    keep = lambda row: [verdict for verdict in row["verdicts"] if verdict["critic"] not in gone]
    return [row | {"verdicts": keep(row)} for row in rows]


def orders(labels):
    """The places of the better and the worse response, for each comparison and each two responses whose mean ratings differ."""
    ratings = collections.defaultdict(list)
    for label in labels:
        if label["kind"] == "rate":
            ratings[label["response"]].append(label["value"])
    means = {place: statistics.mean(values) for place, values in ratings.items()}
    compared = [ORDER[label["winner"]] for label in labels if label.get("winner") in ORDER]
    return compared + [pair for pair in itertools.permutations(means, 2) if means[pair[0]] > means[pair[1]]]


def best_critic(items, verdicts, labels, target):
    """The critic whose scores agree with most labels; a tie of scores is half right."""
    right = collections.Counter()
    scores = lambda row: {v["critic"]: v["score"] for v in row["verdicts"] if target in (None, v.get("dimension"))}
    for item in items:
        judged = [scores(row) for row in verdicts[item]]
        for better, worse in orders(labels[item]):
            for critic in judged[better].keys() & judged[worse].keys():
                margin = judged[better][critic] - judged[worse][critic]
                right[critic] += 0.5 if margin == 0 else float(margin > 0)
    return max(sorted(right), key=lambda critic: right[critic], default=None)


def write_part(folder, part, items, verdicts, labels):
    """Writes the rows of `items`, and returns the arguments that read them."""
    arguments = []
    for kind, rows in (("verdicts", verdicts), ("labels", labels)):
        path = pathlib.Path(folder, f"{part}_{kind}.jsonl")
        path.write_text("".join(json.dumps(row) + "\n" for item in items for row in rows[item]), encoding="utf-8")
        arguments += [f"--{kind}", str(path)]
    return arguments


def deal(items, verdicts, rng):
    """A test part and the rest, in a random order; items of one prompt come into the same."""
    prompts = collections.defaultdict(list)
    for item in items:
        prompts[verdicts[item][0].get("group", item)].append(item)
    names = list(prompts)
    rng.shuffle(names)
    test, rest = [], []
    for name in names:
        (test if len(test) < min(len(items) * 3 // 10, 400) else rest).extend(prompts[name])
    rng.shuffle(rest)
    return test, rest


def split(verdicts, labels, count, seed, args):
    """Accuracies, log loss and calibration error on the test part of one split; None where it is left out."""
    rng = random.Random(seed)
    test, rest = deal([item for item in verdicts if item in labels], verdicts, rng)
    train, taken = [], 0
    for item in rest:
        if taken < count:
            train.append(item)
            taken += len(labels[item])
    if taken < count:
        return None
    if args.target:
        last = labels[train[-1]]
        labels = labels | {train[-1]: last[: len(last) - (taken - count)]}
    seen = {item: without(verdicts[item], args.missing, rng) for item in train + test}
    with tempfile.TemporaryDirectory() as folder:
        files = lambda part, items: write_part(folder, part, items, seen, labels)
        model = str(pathlib.Path(folder, "model"))
        run = lambda *rest: subprocess.run([args.rewardctl, *rest, "--json"], check=True, capture_output=True, text=True).stdout
        target = ["--target", args.target] if args.target else []
        try:
            signs = ["--allow-negative"] if args.allow_negative else []
            run("learn", "--store", "none", *signs, *target, *files("train", train), "-o", model)
        except subprocess.CalledProcessError as error:
            if "nothing to fit" in error.stderr:
                return None
            raise
        found = json.loads(run("eval", "aggregator", model, *target, *files("test", test)))
    accuracy = {one["name"]: one["accuracy"]["mean"] for one in found["measured"] if one["accuracy"]}
    best = best_critic(train, seen, labels, args.target)
    # A critic of several dimensions is one for each.
    best = accuracy.get(best, accuracy.get(f"{best}.{args.target}", 0.5))
    loss, error = (found["probabilities"][name]["mean"] for name in ("log_loss", "ece"))
    return accuracy["this aggregator"], accuracy["fixed weights"], best, loss, error, found["probabilities"]["ece_by_chance"]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("panel", type=pathlib.Path, nargs="+")
    parser.add_argument("--labels", default="20,50,200")
    parser.add_argument("--splits", type=int, default=40)
    parser.add_argument("--missing", type=float, default=0.0)
    parser.add_argument("--allow-negative", action="store_true")
    parser.add_argument("--target", metavar="DIMENSION")
    parser.add_argument("--rewardctl", default="rewardctl")
    args = parser.parse_args()
    print(f"{'panel':16} labels   fit  fixed   best  fit − fixed     fit − best      log loss    ECE  if true")
    for panel in args.panel:
        verdicts, labels = grouped(panel / "verdicts.jsonl"), grouped(panel / "labels.jsonl", args.target)
        name = f"{panel.name} {args.target}" if args.target else panel.name
        for count in map(int, args.labels.split(",")):
            each = [split(verdicts, labels, count, seed, args) for seed in range(args.splits)]
            each = [one for one in each if one]
            if len(each) < 2:
                continue
            fit, fixed, best, loss, error, true = map(statistics.mean, zip(*each))
            lead = lambda at: [one[0] - one[at] for one in each]
            leads = (f"{statistics.mean(lead(at)):+.3f} ± {statistics.stdev(lead(at)) / math.sqrt(len(each)):.3f}" for at in (1, 2))
            print(f"{name:16} {count:6} {fit:.3f}  {fixed:.3f}  {best:.3f}  {'  '.join(leads)}  {loss:8.3f}  {error:.3f}    {true:.3f}", flush=True)


if __name__ == "__main__":
    main()
