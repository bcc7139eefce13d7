"""Turns a file of panel rows, pairs or ratings, into a verdict file and a label file, for `rewardctl simulate` and `learn`.

    python3 benches/replay/panel_to_verdicts.py PANEL.jsonl.gz OUT_DIR [--critics llmbar-12]

A row of `kind` `pairwise` has `id`, `group`, `response_a`, `response_b`, `critics` (a list of `judge`, `variant`, `label` or
scores, where the label is in the row's own frame), `humans` (a list of `annotator`, `label`) and `gold`. A critic is a judge
with a variant; its score of the first response is the mean of its labels over the orders (a 1, tie 0.5, b 0), that of the
second the rest. Pairs of one `group` are about the same prompt. With `humans`, each person is an annotator; without, the gold label is the only one.

A row of `kind` `pointwise` has `id`, `group`, `response`, `critics` (a list of `judge`, `variant`, `dim`, and `score` or
`label`), `humans` (a list of `annotator` or `slot`, `dim`, and `score` or `label`) and `scale` (the lowest and the highest
score, or an object of these by dimension; without it 0 and 1). Rows of one `group` compete. A label `yes` is 1 and `no` is 0
on the scale 0 to 1; any other label, and a score outside its scale, is left out.
"""

import argparse
import collections
import gzip
import json
import pathlib
import statistics

LLMBAR_12 = [
    (judge, variant)
    for judge in ("gpt-4", "chatgpt", "palm2", "llama2", "falcon")
    for variant in ("vanilla", "metrics_reference", "rating")
]
VALUE = {"a": 1.0, "tie": 0.5, "b": 0.0}
ANSWER = {"yes": 1, "no": 0}


def critic_scores(row, chosen):
    """The mean label of each critic over the orders that it answered."""
    found = collections.defaultdict(list)
    for verdict in row.get("critics", []):
        key = (verdict["judge"], verdict.get("variant"))
        if verdict.get("label") in VALUE and (chosen is None or key in chosen):
            found[".".join(part for part in key if part)].append(VALUE[verdict["label"]])
    return {critic: sum(labels) / len(labels) for critic, labels in sorted(found.items())}


def labels_of(row):
    """Who said what; a label that is no winner is left out."""
    people = [(p.get("annotator") or f"slot{p.get('slot', at)}", p.get("label")) for at, p in enumerate(row.get("humans", []))]
    people = [(who, label) for who, label in people if label in VALUE]
    return people or [("gold", row["gold"])] if row.get("gold") in VALUE else people


def of_pair(row, chosen, gold):
    """The two verdict rows of a pair, and its labels."""
    said = [("gold", row["gold"])] if gold and row.get("gold") in VALUE else labels_of(row)
    scores, verdicts = critic_scores(row, chosen), []
    for side in ("a", "b") if scores else ():
        value = lambda score: score if side == "a" else 1 - score
        line = {"item": row["id"], "group": row.get("group"), "response_id": f"{row['id']}/{side}"}
        line |= {"response": row.get(f"response_{side}") or None}
        verdicts.append(line | {"verdicts": [{"critic": critic, "score": value(score)} for critic, score in scores.items()]})
    label = {"kind": "compare", "item": row["id"], "a": 0, "b": 1}
    return verdicts, [label | {"winner": winner, "annotator": who} for who, winner in said]


def rated(row, field):
    """What critics or people gave, each with its number and the ends of its scale."""
    scale = row.get("scale", [0, 1])
    for given in row.get(field, []):
        if given.get("label") in ANSWER:
            yield given, ANSWER[given["label"]], 0, 1
        elif given.get("score") is not None:
            low, high = scale[given["dim"]] if isinstance(scale, dict) else scale
            if low <= given["score"] <= high:
                yield given, given["score"], low, high


def of_rating(row, place):
    """The verdict row of a response, the one at `place` of its prompt, and its labels."""
    scores, labels = collections.defaultdict(list), []
    for given, value, low, high in rated(row, "critics"):
        critic = ".".join(part for part in (given["judge"], given.get("variant")) if part)
        scores[critic, given["dim"]].append((value - low) / (high - low))
    for given, value, low, high in rated(row, "humans"):
        label = {"kind": "rate", "item": row["group"], "response": place, "value": value, "scale": {"min": low, "max": high}}
        labels.append(label | {"dimension": given["dim"], "annotator": given.get("annotator") or f"slot{given['slot']}"})
    verdicts = [{"critic": critic, "dimension": dim, "score": statistics.mean(found)} for (critic, dim), found in scores.items()]
    line = {"item": row["group"], "response_id": row["id"], "response": row.get("response") or None, "verdicts": verdicts}
    return [line] if verdicts else [], labels


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("panel", type=pathlib.Path)
    parser.add_argument("out", type=pathlib.Path)
    parser.add_argument("--critics", choices=["all", "llmbar-12"], default="all", help="take these critics of pairs")
    parser.add_argument("--gold", action="store_true", help="take the gold label of a pair alone, whatever people said")
    args = parser.parse_args()
    chosen = set(LLMBAR_12) if args.critics == "llmbar-12" else None
    args.out.mkdir(parents=True, exist_ok=True)
    taken, placed = collections.Counter(), collections.Counter()
    with (
        gzip.open(args.panel, "rt", encoding="utf-8") as rows,
        open(args.out / "verdicts.jsonl", "w", encoding="utf-8") as verdicts,
        open(args.out / "labels.jsonl", "w", encoding="utf-8") as labels,
    ):
        for row in map(json.loads, rows):
            if row.get("kind") not in ("pairwise", "pointwise"):
                continue
            pair = row["kind"] == "pairwise"
            judged, said = of_pair(row, chosen, args.gold) if pair else of_rating(row, placed[row["group"]])
            if not judged or not said:
                continue
            taken[row["kind"]] += 1
            placed[row["group"]] += 1
            verdicts.writelines(json.dumps(line) + "\n" for line in judged)
            labels.writelines(json.dumps(line) + "\n" for line in said)
    print(f"{taken['pairwise']} pairs, {taken['pointwise']} responses with ratings -> {args.out}")


if __name__ == "__main__":
    main()
