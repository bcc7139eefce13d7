"""Writes overlap.json: scores of rule.token_f1 and rule.rouge_l by other programs.

rule.rouge_l: rouge-score 0.1.2 (PyPI), RougeScorer(["rougeL"], use_stemmer=False), fmeasure.
rule.token_f1: the SQuAD formula, with the normalisation of its official evaluation (version 1.1).

Made with Python 3.11.7:  pip install rouge-score==0.1.2 && python make_golden.py
"""

import collections
import json
import pathlib
import random
import re
import string

from rouge_score import rouge_scorer

PAIRS = [
    ("the cat sat on the mat", "the cat sat on the mat"),
    ("the cat sat on the mat", "a mat on which the cat sat"),
    ("Alexander Fleming, 1928", "Alexander Fleming discovered it in 1928."),
    ("the the the", "an a the"),
    ("It's 3.5 km away, isn't it?", "It is 3.5km away; is it not?"),
    ("U.S. law, Art. 5(2)", "US law art 5 2"),
    ("yes", "no"),
    ("one-two-three", "one two three"),
    ("e-mail: me@example.com", "email me at example.com"),
    ("A B C D E F", "F E D C B A"),
]
WORDS = "the a of moon sea tide pulls water rises falls twice day it's 3.5 well-known and so on".split()


def words_of(text):
    text = "".join(c for c in text.lower() if c not in set(string.punctuation))
    return re.sub(r"\b(a|an|the)\b", " ", text).split()


def token_f1(reference, response):
    expected, given = words_of(reference), words_of(response)
    if not expected or not given:
        return float(expected == given)
    common = sum((collections.Counter(expected) & collections.Counter(given)).values())
    if common == 0:
        return 0.0
    precision, recall = common / len(given), common / len(expected)
    return 2 * precision * recall / (precision + recall)


def random_pairs():
    rng = random.Random(20261120)
    for _ in range(30):
        length = rng.randint(3, 40)
        reference = [rng.choice(WORDS) for _ in range(length)]
        response = [w if rng.random() < 0.7 else rng.choice(WORDS) for w in reference][: rng.randint(2, length)]
        yield " ".join(reference), " ".join(response) + rng.choice([".", "!", ""])


def main():
    scorer = rouge_scorer.RougeScorer(["rougeL"], use_stemmer=False)
    cases = []
    for reference, response in PAIRS + list(random_pairs()):
        rouge = scorer.score(reference, response)["rougeL"].fmeasure
        f1 = token_f1(reference, response)
        cases.append({"reference": reference, "response": response, "rule.token_f1": f1, "rule.rouge_l": rouge})
    lines = ",\n".join(json.dumps(case) for case in cases)
    pathlib.Path(__file__).with_name("overlap.json").write_text(f"[\n{lines}\n]\n")


if __name__ == "__main__":
    main()
