"""Turns a file of pairwise panel rows into a verdict file and a label file, for `rewardctl simulate` and `learn`.

    python3 benches/replay/panel_to_verdicts.py PANEL.jsonl.gz OUT_DIR [--critics llmbar-12]

A row has `id`, `group`, `response_a`, `response_b`, `critics` (a list of `judge`, `variant`, `label` or scores, where the
label is in the row's own frame), `humans` (a list of `annotator`, `label`) and `gold`. A critic is a judge with a variant;
its score of the first response is the mean of its labels over the orders (a 1, tie 0.5, b 0), that of the second the rest.
With `humans`, each person is an annotator; without, the gold label is the only one.
"""

import argparse
import collections
import gzip
import json
import pathlib

LLMBAR_12 = [
    (judge, variant)
    for judge in ("gpt-4", "chatgpt", "palm2", "llama2", "falcon")
    for variant in ("vanilla", "metrics_reference", "rating")
]
VALUE = {"a": 1.0, "tie": 0.5, "b": 0.0}


def critic_scores(row, chosen):
    """The mean label of each critic over the orders that it answered."""
    found = collections.defaultdict(list)
    for verdict in row["critics"]:
        key = (verdict["judge"], verdict.get("variant"))
        if verdict.get("label") in VALUE and (chosen is None or key in chosen):
            found[".".join(part for part in key if part)].append(VALUE[verdict["label"]])
    return {critic: sum(labels) / len(labels) for critic, labels in sorted(found.items())}


def labels_of(row):
    """Who said what; a label that is no winner is left out."""
    people = [(p.get("annotator") or f"slot{p.get('slot', at)}", p.get("label")) for at, p in enumerate(row.get("humans", []))]
    people = [(who, label) for who, label in people if label in VALUE]
    return people or [("gold", row["gold"])] if row.get("gold") in VALUE else people


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("panel", type=pathlib.Path)
    parser.add_argument("out", type=pathlib.Path)
    parser.add_argument("--critics", choices=["all", "llmbar-12"], default="all")
    parser.add_argument("--gold", action="store_true", help="take the gold label alone, whatever people said")
    args = parser.parse_args()
    chosen = set(LLMBAR_12) if args.critics == "llmbar-12" else None
    args.out.mkdir(parents=True, exist_ok=True)
    pairs = 0
    with (
        gzip.open(args.panel, "rt", encoding="utf-8") as rows,
        open(args.out / "verdicts.jsonl", "w", encoding="utf-8") as verdicts,
        open(args.out / "labels.jsonl", "w", encoding="utf-8") as labels,
    ):
        for row in map(json.loads, rows):
            if row.get("kind") != "pairwise":
                continue
            said = [("gold", row["gold"])] if args.gold and row.get("gold") in VALUE else labels_of(row)
            scores = critic_scores(row, chosen)
            if not said or not scores:
                continue
            pairs += 1
            for side in ("a", "b"):
                value = lambda score: score if side == "a" else 1 - score
                line = {"item": row["id"], "response_id": f"{row['id']}/{side}"}
                line |= {"response": row.get(f"response_{side}") or None}
                line |= {"verdicts": [{"critic": critic, "score": value(score)} for critic, score in scores.items()]}
                verdicts.write(json.dumps(line) + "\n")
            for who, label in said:
                line = {"kind": "compare", "item": row["id"], "a": 0, "b": 1, "winner": label, "annotator": who}
                labels.write(json.dumps(line) + "\n")
    print(f"{pairs} pairs -> {args.out}")


if __name__ == "__main__":
    main()
