"""Scores pairs with a panel and keeps its verdicts and the labels, for `splits.py`.

    python3 benches/learning/pairs_to_verdicts.py PAIRS.jsonl.gz OUT_DIR [--rewardctl BIN] [--panel default] [--most 700]

A row has `prompt`, and either `chosen` and `rejected`, or `candidates` with `output` and `score` (or `scores` with a `score`
each), of which pairs of neighbours with different scores are taken, or a single `response` with `gold.helpfulness`, of which
the responses to one prompt make pairs. Which response comes first is drawn at random.
"""

import argparse
import collections
import gzip
import json
import pathlib
import random
import statistics
import subprocess
import tempfile


def grade(candidate):
    if isinstance(candidate.get("scores"), list):
        return statistics.mean(one["score"] for one in candidate["scores"])
    return candidate.get("score")


def pairs(path):
    """Yields prompt, better and worse response."""
    rated = collections.defaultdict(list)
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        for row in map(json.loads, lines):
            if "chosen" in row:
                yield row["prompt"], row["chosen"], row["rejected"]
            elif "candidates" in row:
                graded = [(grade(one), one["output"]) for one in row["candidates"]]
                for one, other in zip(graded[::2], graded[1::2]):
                    rated[row["prompt"]].extend([one, other])
            else:
                rated[row["prompt"]].append((row["gold"]["helpfulness"], row["response"]))
    for prompt, graded in rated.items():
        for (one, text), (other, other_text) in zip(graded[::2], graded[1::2]):
            if one is not None and other is not None and one != other:
                yield (prompt, text, other_text) if one > other else (prompt, other_text, text)


def slim(row):
    """What `learn --verdicts` reads of a row of `score`."""
    kept = [{key: one[key] for key in ("critic", "dimension", "score", "variance")} for one in row["verdicts"]]
    response = f"{row['id']}/{row['response_index']}"
    return {"item": row["id"], "response_id": response, "response": row["response"], "verdicts": kept}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("pairs", type=pathlib.Path)
    parser.add_argument("out", type=pathlib.Path)
    parser.add_argument("--rewardctl", default="target/release/rewardctl")
    parser.add_argument("--panel", default="default")
    parser.add_argument("--most", type=int, default=700)
    args = parser.parse_args()
    chance = random.Random(1)
    found = [pair for pair in pairs(args.pairs) if all(text.strip() for text in pair)]
    chance.shuffle(found)
    args.out.mkdir(parents=True, exist_ok=True)
    with (
        tempfile.TemporaryDirectory() as folder,
        open(args.out / "labels.jsonl", "w", encoding="utf-8") as labels,
    ):
        answers = pathlib.Path(folder) / "answers.jsonl"
        with open(answers, "w", encoding="utf-8") as lines:
            for at, (prompt, better, worse) in enumerate(found[: args.most]):
                first = chance.random() < 0.5
                texts = [better, worse] if first else [worse, better]
                lines.write(json.dumps({"id": f"p{at}", "prompt": prompt, "responses": texts}) + "\n")
                label = {"kind": "compare", "item": f"p{at}", "a": 0, "b": 1, "winner": "a" if first else "b"}
                labels.write(json.dumps(label | {"annotator": "gold"}) + "\n")
        scored = pathlib.Path(folder) / "scored.jsonl"
        command = [str(pathlib.Path(args.rewardctl).resolve()), "score", str(answers), "--panel", args.panel, "--with-text"]
        subprocess.run([*command, "-o", str(scored)], check=True, cwd=folder)
        with open(scored, encoding="utf-8") as lines, open(args.out / "verdicts.jsonl", "w", encoding="utf-8") as verdicts:
            for row in map(json.loads, lines):
                verdicts.write(json.dumps(slim(row)) + "\n")
    print(f"{min(len(found), args.most)} pairs -> {args.out}")


if __name__ == "__main__":
    main()
