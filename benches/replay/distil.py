"""What text heads learn from a panel alone: accuracy with people on prompts that the heads never saw.

    python3 benches/replay/distil.py PANEL.jsonl.gz [--rewardctl rewardctl] [--models models] [--seed 7]

PANEL has the rows that `panel_to_verdicts.py` reads. Prompts are halved at random. On one half heads are fitted twice: to the
mean vote of the panel's critics (`train text --rewards`), with no label of a person, and to the people's labels (`--data`). On
the other half both are compared with the people's label of each pair, ties left out, beside the panel's own vote and the
longer response. What the heads abstain from, such as an empty response, is half right, as an equal vote is. `±` is the standard error over prompts.
"""

import argparse
import gzip
import json
import math
import pathlib
import random
import shutil
import statistics
import subprocess
import tempfile

from panel_to_verdicts import critic_scores

SIDES = ("a", "b")


def write(path, rows):
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return str(path)


def rewards(row):
    """Both responses of a pair as `score --with-text` writes them: the share of the critics that prefers each."""
    votes = critic_scores(row, None).values()
    share = statistics.mean(votes)
    item = {"item_id": row["id"], "prompt": row["prompt"]}
    one = lambda side, value: item | {"response": row[f"response_{side}"], "reward": value, "dimensions": {"accuracy": value}}
    return [one("a", share), one("b", 1 - share)]


def preference(row):
    winner, loser = (row[f"response_{side}"] for side in (SIDES if row["gold"] == "a" else SIDES[::-1]))
    return {"dimension": "accuracy", "source": "people", "group": row["group"], "prompt": row["prompt"], "chosen": winner, "rejected": loser}


def right(margin, row):
    """1 where the sign of the margin is the people's, one half where it has none."""
    return 0.5 if margin == 0 else float((margin > 0) == (row["gold"] == "a"))


def judged(heads, test, folder, args):
    """The score of every response by the heads in `heads`."""
    models = folder / "models"
    shutil.rmtree(models, ignore_errors=True)
    shutil.copytree(args.models, models, ignore=shutil.ignore_patterns("text-heads"))
    shutil.move(heads, models / "text-heads")
    rows = [{"id": row["id"], "prompt": row["prompt"], "responses": [row["response_a"], row["response_b"]]} for row in test]
    source, out = write(folder / "test.jsonl", rows), folder / "out.jsonl"
    subprocess.run([args.rewardctl, "--models", models, "--store", "none", "score", source, "-o", out], check=True, capture_output=True)
    of_heads = lambda row: next(v["score"] for v in row["verdicts"] if v["critic"] == "text.accuracy")
    scored = map(json.loads, out.read_text(encoding="utf-8").splitlines())
    return {(row["id"], row["response_index"]): of_heads(row) for row in scored}


def fitted(test, folder, flag, rows, args):
    """The margins on `test` of heads fitted to `rows`."""
    heads = folder / "heads"
    command = [args.rewardctl, "train", "text", flag, write(folder / "train.jsonl", rows), "--seed", str(args.seed), "--out", heads]
    subprocess.run(command, check=True, capture_output=True)
    found = judged(heads, test, folder, args)
    both = [(found[row["id"], 0], found[row["id"], 1]) for row in test]
    return [0 if None in one else one[0] - one[1] for one in both]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("panel", type=pathlib.Path)
    parser.add_argument("--rewardctl", default="rewardctl")
    parser.add_argument("--models", default="models")
    parser.add_argument("--seed", type=int, default=7)
    args = parser.parse_args()
    rows = [json.loads(line) for line in gzip.open(args.panel, "rt", encoding="utf-8")]
    rows = [row for row in rows if row.get("kind") == "pairwise" and row.get("gold") in SIDES and critic_scores(row, None)]
    groups = sorted({row["group"] for row in rows})
    random.Random(args.seed).shuffle(groups)
    known = set(groups[: len(groups) // 2])
    train, test = ([row for row in rows if (row["group"] in known) == part] for part in (True, False))
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        margins = {
            "heads, from the panel": fitted(test, folder, "--rewards", [one for row in train for one in rewards(row)], args),
            "heads, from people": fitted(test, folder, "--data", map(preference, train), args),
            "the panel itself": [statistics.mean(critic_scores(row, None).values()) - 0.5 for row in test],
            "longer": [len(row["response_a"]) - len(row["response_b"]) for row in test],
        }
    print(f"{len(train)} pairs of {len(known)} prompts to learn from, {len(test)} pairs of {len(groups) - len(known)} to be judged")
    for name, found in margins.items():
        by_prompt = {}
        for margin, row in zip(found, test):
            by_prompt.setdefault(row["group"], []).append(right(margin, row))
        means = [statistics.mean(one) for one in by_prompt.values()]
        error = statistics.stdev(means) / math.sqrt(len(means))
        print(f"{name:22} {statistics.mean(map(right, found, test)):.3f} ± {error:.3f}")


if __name__ == "__main__":
    main()
