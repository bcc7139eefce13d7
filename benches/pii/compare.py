"""Times the scanner beside Python's `re` and Presidio (patterns alone, no name model) on the same seeded texts, in one run; seconds are those of the processor."""

import argparse
import json
import logging
import random
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "scripts"))
import pii_corpus  # noqa: E402

SEED = 20261127
# What the scanner and both peers look for.
SHARED = {"email": "EMAIL", "phone": "PHONE", "ip-address": "IP", "credit-card": "CARD", "iban": "IBAN", "us-ssn": "SSN"}
PRESIDIO = {"EMAIL_ADDRESS": "EMAIL", "PHONE_NUMBER": "PHONE", "IP_ADDRESS": "IP", "CREDIT_CARD": "CARD", "IBAN_CODE": "IBAN",
            "US_SSN": "SSN"}
PATTERN = re.compile(
    r"(?P<EMAIL>[\w.+-]+@[\w-]+\.[\w.-]*\w)|(?P<IBAN>\b[A-Z]{2}\d{2}[A-Z0-9]{11,30}\b)|(?P<CARD>\b(?:\d[ -]?){13,19}\b)"
    r"|(?P<IP>\b(?:\d{1,3}\.){3}\d{1,3}\b)|(?P<SSN>\b\d{3}-\d{2}-\d{4}\b)"
    r"|(?P<PHONE>(?:\+?\d{1,2}[ .-])?\(?\d{3}\)?[ .-]\d{3}[ .-]\d{4}\b)")


def texts(count):
    """Makes texts of some 540 bytes: prose, decoys, and one datum of a shared kind in two of three sentences' places."""
    r = random.Random(SEED)
    for _ in range(count):
        parts, spans, at = [], [], 0
        while at < 500:
            if r.random() < .3:
                kind = r.choice(list(SHARED))
                part, start, end = pii_corpus.planted(r, kind, "held-out")
                spans.append((at + start, at + end, SHARED[kind]))
            else:
                part = r.choice(pii_corpus.FILLER) if r.random() < .8 else pii_corpus.decoys(r)
            parts.append(part)
            at += len(part) + 1
        yield {"text": " ".join(parts), "spans": spans}


def timed(rows, find, rounds):
    """Returns the fastest of some rounds, in seconds, and what was found."""
    best = float("inf")
    for _ in range(rounds):
        start = time.process_time()
        found = [find(row["text"]) for row in rows]
        best = min(best, time.process_time() - start)
    return best, found


def ours(binary, rows, rounds):
    with tempfile.NamedTemporaryFile("w", suffix=".jsonl", encoding="utf-8") as file:
        file.writelines(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
        file.flush()
        out = subprocess.run([binary, file.name, str(rounds)], check=True, capture_output=True, text=True)
    report = json.loads(out.stdout)
    found = [[(s, e, SHARED.get(k, k)) for s, e, k, _ in row] for row in report["found"]]
    return min(report["scan_seconds"]), min(report["mask_seconds"]), found


def presidio():
    """Returns Presidio's finder, or None where it is not installed."""
    try:
        import spacy
        from presidio_analyzer import AnalyzerEngine
        from presidio_analyzer.nlp_engine import SpacyNlpEngine
    except ImportError:
        return None
    logging.disable(logging.WARNING)

    class Blank(SpacyNlpEngine):
        def __init__(self):
            super().__init__()
            self.nlp = {"en": spacy.blank("en")}

        def is_loaded(self):
            return True

        def load(self):
            pass

    engine = AnalyzerEngine(nlp_engine=Blank(), supported_languages=["en"])
    names = list(PRESIDIO)
    return lambda text: [(x.start, x.end, PRESIDIO[x.entity_type]) for x in engine.analyze(text, "en", entities=names)]


def judged(rows, found):
    """Returns recall (right kind, overlapping) and how many findings overlap nothing that was planted."""
    planted = hits = extra = 0
    for row, got in zip(rows, found):
        spans = row["spans"]
        planted += len(spans)
        hits += sum(any(b < e2 and e > b2 and k == k2 for b2, e2, k2 in got) for b, e, k in spans)
        extra += sum(not any(b < e2 and e > b2 for b, e, _ in spans) for b2, e2, _ in got)
    return hits / planted, extra


def hostile(binary):
    """Times texts that are made to be slow."""
    cases = {"`1 ` a million times": "1 " * 10**6, "`a@` a million times": "a@" * 10**6, "10 MB of digits": "7" * 10**7,
             "`4111 ` two million times": "4111 " * (2 * 10**6), "`eyJ-` a million times": "eyJ-" * 10**6, "`://a:` a million times": "://a:" * 10**6,
             "`password=` a million times": "password=" * 10**6, "`::` a million times": "::" * 10**6, "`-----BEGIN PRIVATE KEY-----`": "-----BEGIN PRIVATE KEY-----" * 200_000,
             "`tel 123456789 `": "tel 123456789 " * 500_000, "`(at)a (dot) `": "(at)a (dot) " * 500_000, "`full-width digits`": "１２３４ " * 500_000}
    print("\n| hostile text | MB | seconds to scan | MB/s |\n|---|---|---|---|")
    for name, text in cases.items():
        seconds, _, _ = ours(binary, [{"text": text}], 1)
        mb = len(text.encode()) / 1e6
        print(f"| {name} | {mb:.1f} | {seconds:.3f} | {mb / seconds:.0f} |", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--binary", default="target/release/examples/pii_scan", help="the built example")
    parser.add_argument("--count", type=int, default=10_000, help="texts")
    parser.add_argument("--peers-count", type=int, default=2_000, help="texts for the peers, which are slower")
    parser.add_argument("--rounds", type=int, default=5, help="the fastest of so many rounds counts")
    args = parser.parse_args()
    if not Path(args.binary).exists():
        raise SystemExit(f"skipped: there is no {args.binary}; README.md says how it is built")
    rows = list(texts(args.count))
    some = rows[:args.peers_count]
    size = sum(len(row["text"].encode()) for row in rows) / len(rows)
    print(f"{len(rows)} texts of {size:.0f} bytes; peers on the first {len(some)}.\n")
    scan, mask, found = ours(args.binary, rows, args.rounds)
    results = [("rewardctl, scan", len(rows) / scan, judged(rows, found)), ("rewardctl, scan and mask", len(rows) / mask, None)]
    seconds, found = timed(some, lambda text: [(m.start(), m.end(), m.lastgroup) for m in PATTERN.finditer(text)], args.rounds)
    results.append(("Python re, six patterns", len(some) / seconds, judged(some, found)))
    find = presidio()
    if find:
        seconds, found = timed(some, find, 1)
        results.append(("Presidio, patterns", len(some) / seconds, judged(some, found)))
    print("| engine | texts/s | MB/s | rewardctl's scan is so many times faster | recall | found beside what was planted |\n|---|---|---|---|---|---|")
    for name, speed, quality in results:
        recall, extra = (f"{quality[0]:.3f}", quality[1]) if quality else ("", "")
        print(f"| {name} | {speed:,.0f} | {speed * size / 1e6:.1f} | {results[0][1] / speed:.1f} | {recall} | {extra} |")
    if not find:
        print("\nPresidio is not installed: skipped.")
    hostile(args.binary)


if __name__ == "__main__":
    main()
