"""Measures the scanner on planted data: precision, recall and F2 by kind, with Wilson intervals, as Markdown.

    cargo build --release -p rewardctl-pii --example pii_scan
    python3 scripts/pii_figures.py                 the table of docs/pii.md
    python3 scripts/pii_figures.py --misses 20     what was missed or found wrongly, too

A finding counts if kind, start and end are those planted; whatever else is found counts against its kind.
"""

import argparse
import json
import math
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path

import pii_corpus


def wilson(hits, n, z=1.96):
    if n == 0:
        return None
    p, d = hits / n, 1 + z * z / n
    half = z * math.sqrt(p * (1 - p) / n + z * z / (4 * n * n)) / d
    mid = (p + z * z / (2 * n)) / d
    return mid - half, mid + half


def scanned(binary, rows):
    with tempfile.NamedTemporaryFile("w", suffix=".jsonl", encoding="utf-8") as file:
        file.writelines(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
        file.flush()
        out = subprocess.run([binary, file.name], check=True, capture_output=True, text=True)
    return json.loads(out.stdout)["found"]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--binary", default="target/release/examples/pii_scan")
    parser.add_argument("--count", type=int, default=500, help="rows for each kind")
    parser.add_argument("--templates", choices=["dev", "held-out"], default="held-out")
    parser.add_argument("--misses", type=int, default=0, help="show so many errors")
    args = parser.parse_args()
    if not Path(args.binary).exists():
        sys.exit(f"there is no {args.binary}; the top of this file says how it is built")
    rows = list(pii_corpus.rows(args.count, args.templates))
    planted, hits, found, shown = Counter(), Counter(), Counter(), 0
    for row, findings in zip(rows, scanned(args.binary, rows)):
        gold = {tuple(span) for span in row["spans"]}
        got = {(start, end, kind) for start, end, kind, _ in findings}
        planted.update(kind for *_, kind in gold)
        found.update(kind for *_, kind in got)
        hits.update(kind for *_, kind in gold & got)
        if gold != got and shown < args.misses:
            shown += 1
            print(json.dumps({"text": row["text"], "planted": sorted(gold - got), "found": sorted(got - gold)}, ensure_ascii=False))
    print("| kind | planted | recall | 95 % interval | precision | 95 % interval | F2 |\n|---|---|---|---|---|---|---|")
    groups = {"all with a checksum": pii_corpus.CHECKSUMS, "all secrets": list(pii_corpus.SECRETS), "all": list(planted)}
    for name, kinds in {**{kind: [kind] for kind in planted}, **groups}.items():
        n, hit, got = (sum(c[k] for k in kinds) for c in (planted, hits, found))
        recall, precision = hit / n, hit / got if got else 0
        f2 = 5 * precision * recall / (4 * precision + recall) if hit else 0
        span = lambda interval: f"{interval[0]:.3f} – {interval[1]:.3f}" if interval else ""
        print(f"| {name} | {n} | {recall:.3f} | {span(wilson(hit, n))} | {precision:.3f} | {span(wilson(hit, got))} | {f2:.3f} |")
    others = {kind: n for kind, n in found.items() if kind not in planted}
    print(f"\nFound of kinds that were not planted: {others or 'nothing'}. Rows without a datum: {args.count * len(planted)}.")


if __name__ == "__main__":
    main()
