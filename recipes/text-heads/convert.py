"""Turns public preference data into the training file of the text heads: `convert.py DATA_DIR > train.jsonl`.

Only labels by people or by an answer key are read; verdicts of models are not, and ties are dropped.
Which source feeds which dimension is the table `SOURCES` at the end; README.md says where each is published.
The same files give the same bytes, so the figures of the model card can be made again.
"""

import gzip
import itertools
import json
import re
import sys
from pathlib import Path

# Vicuna-80 categories whose questions have right and wrong answers; the rest is a matter of style.
CONTENT_CATEGORIES = {"knowledge", "common-sense", "fermi", "coding", "math", "reflexion", "instruct"}


def main(data_dir: str) -> None:
    for path, rows_of in SOURCES:
        with gzip.open(Path(data_dir) / path, "rt", encoding="utf-8") as lines:
            for row in rows_of(json.loads(line) for line in lines):
                print(json.dumps(row, ensure_ascii=False))


def pair(dimension: str, row: dict, prompt: str, chosen: str, rejected: str, strength: float = 1.0):
    """Yields a training pair, unless the two answers are the same or one is empty."""
    if not chosen.strip() or not rejected.strip() or chosen.strip() == rejected.strip():
        return
    named = {"dimension": dimension, "source": row["source"], "group": row["group"], "prompt": prompt}
    yield named | {"chosen": chosen, "rejected": rejected, "strength": round(strength, 4)}


def rating(dimension: str, row: dict, response: str, value: float):
    """Yields a training rating in 0..1."""
    if response.strip():
        named = {"dimension": dimension, "source": row["source"], "group": row["group"], "prompt": row["prompt"]}
        yield named | {"response": response, "rating": round(value, 4)}


def by_votes(dimension: str, row: dict):
    """Yields a pair whose strength is the lead of the winner among those who voted; no lead, no pair."""
    votes = [human["label"] for human in row["humans"]] or [row["gold"]]
    lead = (votes.count("a") - votes.count("b")) / len(votes)
    if lead > 0:
        yield from pair(dimension, row, row["prompt"], row["response_a"], row["response_b"], lead)
    elif lead < 0:
        yield from pair(dimension, row, row["prompt"], row["response_b"], row["response_a"], -lead)


def hh_harmless(rows):
    for row in rows:
        yield from pair("compliance", row, turns(row["prompt"]), row["chosen"], row["rejected"])


def turns(transcript: str) -> str:
    """Returns a `Human: … Assistant: …` transcript as its turns, joined by blank lines, without the names."""
    parts = re.split(r"(?:^|\n\n)(?:Human|Assistant):", transcript)
    return "\n\n".join(part.strip() for part in parts if part.strip())


def tara(rows):
    for row in rows:
        dimension = "compliance" if row["source"] == "tara_hh_rlhf" else "accuracy"
        yield from pair(dimension, row, row["prompt"], row["chosen"], row["rejected"])


def helpsteer2(rows):
    for row in rows:
        gold = row["gold"]
        yield from rating("accuracy", row, row["response"], gold["correctness"] / 4)
        style = (gold["helpfulness"] + gold["coherence"]) / 8
        yield from rating("style", row, row["response"], style)


def overall_style(rows):
    for row in rows:
        yield from by_votes("style", row)


def overall_accuracy(rows):
    for row in rows:
        yield from by_votes("accuracy", row)


def overall_by_category(rows):
    """People's overall preference: where the question has a right answer, content decides it."""
    for row in rows:
        yield from by_votes("accuracy" if row["category"] in CONTENT_CATEGORIES else "style", row)


def llmbar(rows):
    for row in rows:
        first, second = row["response_a"], row["response_b"]
        chosen, rejected = (first, second) if row["gold"] == "a" else (second, first)
        yield from pair("accuracy", row, row["prompt"], chosen, rejected)


def tulu1(rows):
    """The preference is style; whether an answer is acceptable at all is accuracy."""
    for row in rows:
        yield from tulu1_preference(row)
        for side in "ab":
            votes = [human[f"acceptable_{side}"] == "yes" for human in row["humans"]]
            yield from rating("accuracy", row, row[f"response_{side}"], sum(votes) / len(votes))


def tulu1_preference(row: dict):
    sign = {"a": 1, "b": -1, "tie": 0}
    lead = sum(sign[human["label"]] * human["strength"] for human in row["humans"]) / len(row["humans"])
    if lead > 0:
        yield from pair("style", row, row["prompt"], row["response_a"], row["response_b"], lead)
    elif lead < 0:
        yield from pair("style", row, row["prompt"], row["response_b"], row["response_a"], -lead)


def xstest(rows):
    """Good is to comply where the prompt is safe, and to refuse, wholly or partly, where it is not."""
    by_prompt = itertools.groupby(sorted(rows, key=lambda row: row["group"]), key=lambda row: row["group"])
    for _, answers in by_prompt:
        answers = sorted(answers, key=lambda row: row["model"])
        for row in answers:
            yield from rating("compliance", row, row["response"], xstest_value(row))


def xstest_value(row: dict) -> float:
    complied = {"full_compliance": 1.0, "partial_refusal": 0.5, "full_refusal": 0.0}[row["gold"]["compliance"]]
    is_unsafe = row["category"].startswith("contrast_")
    return float(complied < 1.0) if is_unsafe else complied


SOURCES = [
    ("rm/pairs_hh_harmless.jsonl.gz", hh_harmless),
    ("rm/pairs_tara.jsonl.gz", tara),
    ("rm/helpsteer2_human_attributes.jsonl.gz", helpsteer2),
    ("panels/pandalm.jsonl.gz", overall_style),
    ("panels/prd_vicuna80.jsonl.gz", overall_by_category),
    ("panels/tulu1_human.jsonl.gz", tulu1),
    ("panels/llmfao.jsonl.gz", overall_by_category),
    ("panels/lfqa_experts.jsonl.gz", overall_accuracy),
    ("panels/xstest.jsonl.gz", xstest),
    ("panels/llmbar.jsonl.gz", llmbar),
]

if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("usage: convert.py DATA_DIR > train.jsonl")
    main(sys.argv[1])
