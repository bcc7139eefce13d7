"""Finds planted near-duplicates with rewardctl, rensa and datasketch, on the same seeded documents, in one run."""

import argparse
import json
import os
import random
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path

SEED = 20261127
THRESHOLD = 0.8
PERMUTATIONS = 128
WIDTH = 5


def write_documents(path, count):
    """Writes `count` documents of about 800 bytes; `src` names the document that one is a copy of."""
    rng = random.Random(SEED)
    letters = "etaoinshrdlu"
    vocabulary = ["".join(rng.choices(letters, k=max(1, int(rng.gauss(6, 2.5))))) for _ in range(30_000)]
    # Zipf's law, as words of a language have it.
    weights = [1 / rank for rank in range(1, len(vocabulary) + 1)]
    sentences = []
    for _ in range(100_000):
        words = rng.choices(vocabulary, weights, k=rng.randint(6, 24))
        sentences.append(" ".join(words).capitalize() + ".")
    kept, sources = [], []
    with open(path, "w") as file:
        for number in range(count):
            drawn, source = rng.random(), None
            if number > 1000 and drawn < 0.12:
                source = sources[rng.randrange(len(sources))]
                words = kept[source].split()
                if drawn >= 0.03:
                    edit(rng, words, vocabulary)
                text = " ".join(words)
            else:
                text = document(rng, sentences)
                sources.append(number)
            kept.append(text if source is None else None)
            file.write(json.dumps({"id": number, "text": text, "src": source}) + "\n")


def document(rng, sentences):
    length = max(20, min(600, int(rng.lognormvariate(4.6, 0.6))))
    parts, words = [], 0
    while words < length:
        parts.append(rng.choice(sentences))
        words += parts[-1].count(" ") + 1
    return " ".join(parts)


def edit(rng, words, vocabulary):
    """Replaces, drops or adds 0.5 to 8 % of the words."""
    for _ in range(max(1, int(len(words) * rng.uniform(0.005, 0.08)))):
        at, kind = rng.randrange(len(words)), rng.random()
        if kind < 0.5:
            words[at] = rng.choice(vocabulary)
        elif kind < 0.75 and len(words) > 5:
            del words[at]
        else:
            words.insert(at, rng.choice(vocabulary))


def read(path):
    with open(path) as file:
        return [json.loads(line) for line in file]


def shingles(words):
    return {" ".join(words[at : at + WIDTH]) for at in range(max(1, len(words) - WIDTH + 1))}


def split(text):
    return text.lower().split()


def words(text):
    return re.findall(r"\w+", text.lower())


def jaccard(one, other):
    return len(one & other) / len(one | other)


class Sets:
    """Disjoint sets, as the peers' users write them."""

    def __init__(self, count):
        self.parent = list(range(count))

    def find(self, at):
        while self.parent[at] != at:
            self.parent[at] = self.parent[self.parent[at]]
            at = self.parent[at]
        return at

    def join(self, one, other):
        one, other = self.find(one), self.find(other)
        self.parent[max(one, other)] = min(one, other)


def peer(name, path):
    """Runs one peer in this process; prints the seconds of its work, and what it removes."""
    documents = read(path)
    if name == "rensa":
        import rensa
    else:
        import datasketch
    start = time.perf_counter()
    sets = [list(shingles(split(document["text"]))) for document in documents]
    sketches = []
    if name == "rensa":
        for members in sets:
            sketch = rensa.RMinHash(num_perm=PERMUTATIONS, seed=42)
            sketch.update(members)
            sketches.append(sketch)
        index = rensa.RMinHashLSH(threshold=THRESHOLD, num_perm=PERMUTATIONS, num_bands=16)
    else:
        for members in sets:
            sketch = datasketch.MinHash(num_perm=PERMUTATIONS, seed=1)
            sketch.update_batch([member.encode() for member in members])
            sketches.append(sketch)
        index = datasketch.MinHashLSH(threshold=THRESHOLD, num_perm=PERMUTATIONS)
    joined = Sets(len(documents))
    for number, sketch in enumerate(sketches):
        for other in index.query(sketch):
            if sketch.jaccard(sketches[other]) >= THRESHOLD:
                joined.join(number, other)
        index.insert(number, sketch)
    removed = [number for number in range(len(documents)) if joined.find(number) != number]
    print(json.dumps({"seconds": time.perf_counter() - start, "removed": removed}))


def run(command):
    """Returns what a command prints, its seconds from start to end, those of all its threads, and its peak memory in MB."""
    start = time.perf_counter()
    with tempfile.TemporaryFile() as out:
        child = subprocess.Popen(command, stdout=out)
        peak, ended = 0, 0
        while not ended:
            peak = max(peak, peak_mb(child.pid))
            time.sleep(0.002)
            ended, status, usage = os.wait4(child.pid, os.WNOHANG)
        seconds = time.perf_counter() - start
        if status != 0:
            raise SystemExit(f"{command[0]} failed")
        out.seek(0)
        return out.read().decode(), seconds, usage.ru_utime + usage.ru_stime, peak


def peak_mb(process):
    """The peak of a process itself, on Linux: what `wait4` tells holds that of the process which started it, too."""
    for line in open(f"/proc/{process}/status"):
        if line.startswith("VmHWM"):
            return int(line.split()[1]) / 1024
    return 0


def ours(binary, path, folder, threads):
    kept = Path(folder) / "kept.jsonl"
    command = [binary, "duplicates", path, "--field", "text", "-o", kept, "--json", "--threads", str(threads)]
    _, seconds, cpu, memory = run([str(part) for part in command])
    with open(kept) as file:
        left = {json.loads(line)["id"] for line in file}
    return seconds, seconds, cpu, memory, left


def right(documents, into_words):
    """Returns the planted copies at the threshold, and every document that may be removed, by exact comparison."""
    families = {}
    for document in documents:
        if document["src"] is not None:
            families.setdefault(document["src"], [document["src"]]).append(document["id"])
    copies, removable = set(), set()
    for source, members in families.items():
        sets = [shingles(into_words(documents[member]["text"])) for member in members]
        joined = Sets(len(members))
        for at in range(len(members)):
            for to in range(at):
                if jaccard(sets[at], sets[to]) >= THRESHOLD:
                    joined.join(at, to)
                    if to == 0:
                        copies.add(members[at])
        removable.update(members[at] for at in range(len(members)) if joined.find(at) != at)
    return copies, removable


def not_alike(documents, doubtful, into_words):
    """Returns those of `doubtful` that are like no document at all, by exact comparison: short ones are alike by chance."""
    sets = {number: shingles(into_words(documents[number]["text"])) for number in doubtful}
    holders = {}
    for number, members in sets.items():
        for member in members:
            holders.setdefault(member, []).append(number)
    left = set(doubtful)
    for number, document in enumerate(documents if doubtful else []):
        members = shingles(into_words(document["text"]))
        near = {holder for member in members for holder in holders.get(member, [])} - {number}
        left -= {holder for holder in near if jaccard(sets[holder], members) >= THRESHOLD}
    return left


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--binary", default="target/release/rewardctl", help="the built program")
    parser.add_argument("--count", type=int, default=100_000, help="documents")
    parser.add_argument("--engines", default="rewardctl,rensa,datasketch", help="which to run")
    parser.add_argument("--threads", type=int, default=2, help="threads of rewardctl")
    parser.add_argument("--rounds", type=int, default=3, help="the median of so many runs of rewardctl and rensa counts")
    parser.add_argument("--documents", help="read these documents (id, text, src) instead of writing some")
    parser.add_argument("--peer", help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.peer:
        return peer(args.peer, args.documents)
    if not Path(args.binary).exists():
        raise SystemExit(f"skipped: there is no {args.binary}; README.md says how it is built")
    with tempfile.TemporaryDirectory() as folder:
        path = args.documents or Path(folder) / "documents.jsonl"
        if not args.documents:
            write_documents(path, args.count)
        compare(args, path, folder)


def compare(args, path, folder):
    documents = read(path)
    exact = {into: right(documents, into) for into in (words, split)}
    size = os.path.getsize(path) / 1e6
    print(f"{len(documents)} documents, {size:.0f} MB, {len(exact[words][0])} planted copies at {THRESHOLD} or more\n")
    print("| engine | seconds | of these, work | CPU | recall | false | MB | seconds of rewardctl |\n|---|---|---|---|---|---|---|---|")
    fastest = None
    for engine in args.engines.split(","):
        runs = []
        for _ in range(1 if engine == "datasketch" else args.rounds):
            if engine == "rewardctl":
                runs.append(ours(args.binary, path, folder, args.threads))
            else:
                out, seconds, cpu, memory = run([sys.executable, __file__, "--peer", engine, "--documents", str(path)])
                found = json.loads(out)
                left = set(range(len(documents))) - set(found["removed"])
                runs.append((seconds, found["seconds"], cpu, memory, left))
        runs.sort(key=lambda run: run[1])
        seconds, work, cpu, memory, left = runs[len(runs) // 2]
        into = words if engine == "rewardctl" else split
        copies, removable = exact[into]
        recall = len(copies - left) / max(1, len(copies))
        false = len(not_alike(documents, set(range(len(documents))) - left - removable, into))
        fastest = fastest or work
        print(f"| {engine} | {seconds:.2f} | {work:.2f} | {cpu:.2f} | {recall:.4f} | {false} | {memory:.0f} | {work / fastest:.1f} x |", flush=True)


if __name__ == "__main__":
    main()
