"""Seeded English texts of mixed length, made of sentences from the docstrings of Python's standard library.

They need no download and have the vocabulary and punctuation of real prose, which random words lack.
Another Python version has other docstrings, so whoever reports a figure reports `fingerprint` beside it.
"""

import ast
import hashlib
import math
import random
import re
import sysconfig
from pathlib import Path

SEED = 20261120
SHORTEST = 16
LONGEST = 512
# A log-normal length with these parameters has a mean near 155 tokens, so 400 texts have about 62,000.
MEDIAN_TOKENS = 122
SPREAD = 0.85


def sentences() -> list[str]:
    """Returns the distinct prose sentences of the standard library's docstrings, in a fixed order."""
    found = {}
    for path in sorted(Path(sysconfig.get_path("stdlib")).rglob("*.py")):
        if "site-packages" in path.parts or "test" in path.parts or "tests" in path.parts:
            continue
        try:
            tree = ast.parse(path.read_text(encoding="utf-8"))
        except (SyntaxError, ValueError):
            continue
        for node in ast.walk(tree):
            if isinstance(node, (ast.Module, ast.ClassDef, ast.FunctionDef)):
                for paragraph in (ast.get_docstring(node) or "").split("\n\n"):
                    for sentence in re.split(r"(?<=[.!?])\s+(?=[A-Z])", " ".join(paragraph.split())):
                        if is_prose(sentence):
                            found[sentence] = None
    return list(found)


def is_prose(sentence: str) -> bool:
    long_enough = 30 <= len(sentence) <= 400 and len(sentence.split()) >= 6
    whole = long_enough and sentence[0].isupper() and sentence[-1] in ".!?"
    return whole and sum(c.isalpha() or c == " " for c in sentence) >= 0.86 * len(sentence)


def text_of(tokenizer, pool: list[str], rng: random.Random, tokens: int) -> str:
    """Returns a text of at most `tokens` tokens ([CLS] and [SEP] included) and as near to it as whole words allow."""
    words = []
    while len(words) < tokens:
        words += rng.choice(pool).split()
    fitting, too_many = 0, min(len(words), tokens) + 1
    while too_many - fitting > 1:
        middle = (fitting + too_many) // 2
        if len(tokenizer.encode(" ".join(words[:middle])).ids) <= tokens:
            fitting = middle
        else:
            too_many = middle
    return " ".join(words[:fitting])


def mixed_texts(tokenizer, count: int, seed: int = SEED) -> list[str]:
    """Returns `count` texts of 16 to 512 tokens; the tokenizer must neither pad nor truncate."""
    pool, rng = sentences(), random.Random(seed)
    texts = []
    while len(texts) < count:
        target = int(rng.lognormvariate(math.log(MEDIAN_TOKENS), SPREAD))
        text = text_of(tokenizer, pool, rng, max(SHORTEST + 2, min(LONGEST, target)))
        if len(tokenizer.encode(text).ids) >= SHORTEST:
            texts.append(text)
    return texts


def fingerprint(texts: list[str]) -> str:
    """Returns a hash by which two runs can tell whether they used the same texts."""
    return hashlib.sha256("\0".join(texts).encode()).hexdigest()[:16]
