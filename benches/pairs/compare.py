"""Times pairing of scored responses, from JSONL to Parquet, beside pandas, polars, and polars with checks of the rows: whole
processes, in one run.

Every round runs each program once, in turn, so that a noisy moment hits all of them. What is timed is what a user waits
for, from the start of the process to its end."""

import argparse
import json
import random
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

SEED = 20261127
WORDS = [f"word{n}" for n in range(5000)]
MARGIN = 0.5

PANDAS = """
import sys, pandas as pd
d = pd.read_json(sys.argv[1], lines=True)
g = d.groupby("prompt")
hi = d.loc[g.reward.idxmax()].set_index("prompt")
lo = d.loc[g.reward.idxmin()].set_index("prompt")
p = pd.DataFrame({"chosen": hi.response, "rejected": lo.response, "margin": hi.reward - lo.reward}).reset_index()
p = p[p.margin >= float(sys.argv[3])]
p.to_parquet(sys.argv[2], compression="zstd")
print(len(p))
"""

POLARS = """
import sys, polars as pl
d = pl.scan_ndjson(sys.argv[1])
best, worst = pl.col("reward").arg_max(), pl.col("reward").arg_min()
p = (d.group_by("prompt")
     .agg(pl.col("response").get(best).alias("chosen"), pl.col("response").get(worst).alias("rejected"),
          (pl.col("reward").max() - pl.col("reward").min()).alias("margin"))
     .filter(pl.col("margin") >= float(sys.argv[3])).sort("prompt").collect())
p.write_parquet(sys.argv[2], compression="zstd")
print(p.height)
"""

# What a careful user adds: the input's hash, no empty, equal or repeated pairs, no personal data, no near-duplicates.
CHECKED = POLARS.split("p.write_parquet")[0] + """
import hashlib, rensa
hashlib.file_digest(open(sys.argv[1], "rb"), "sha256").hexdigest()
texts = ["prompt", "chosen", "rejected"]
p = p.filter((pl.col("chosen") != pl.col("rejected")) & (pl.col("chosen").str.strip_chars() != "")
             & (pl.col("rejected").str.strip_chars() != "")).unique(texts, keep="first", maintain_order=True)
personal = (r"[\\w.+-]+@[\\w-]+\\.[\\w.-]*\\w|\\b[A-Z]{2}\\d{2}[A-Z0-9]{11,30}\\b|\\b(?:\\d[ -]?){13,19}\\b|\\b(?:\\d{1,3}\\.){3}\\d{1,3}\\b"
            r"|\\b\\d{3}-\\d{2}-\\d{4}\\b|(?:\\+?\\d{1,2}[ .-])?\\(?\\d{3}\\)?[ .-]\\d{3}[ .-]\\d{4}\\b")
p = p.with_columns(pl.col(texts).str.replace_all(personal, "<masked>"))
index, sketches, kept = rensa.RMinHashLSH(threshold=0.8, num_perm=128, num_bands=16), [], []
for number, row in enumerate(p.select(texts).iter_rows()):
    words = " ".join(row).lower().split()
    sketch = rensa.RMinHash(num_perm=128, seed=42)
    sketch.update([" ".join(words[at:at + 5]) for at in range(max(1, len(words) - 4))])
    sketches.append(sketch)
    if not any(sketch.jaccard(sketches[other]) >= 0.8 for other in index.query(sketch)):
        kept.append(number)
        index.insert(number, sketch)
p = p[kept]
p.write_parquet(sys.argv[2], compression="zstd")
print(p.height)
"""


def write_scored(path, prompts):
    """Writes four responses to each prompt; rewards are normal around a mean of the prompt's own."""
    draw = random.Random(SEED)
    text = lambda count: " ".join(draw.choices(WORDS, k=count))
    rewards = []
    with open(path, "w") as file:
        for _ in range(prompts):
            prompt, mean = text(12), draw.gauss(0, 0.5)
            for place in range(4):
                reward = round(draw.gauss(mean, 1), 4)
                rewards.append(reward)
                row = {"prompt": prompt, "response": text(draw.randint(20, 80)), "model": f"m{place}", "reward": reward}
                file.write(json.dumps(row) + "\n")
    return statistics.stdev(rewards)


def timed(command):
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    start = time.perf_counter()
    run = subprocess.run(command, capture_output=True, text=True)
    seconds = time.perf_counter() - start
    if run.returncode != 0:
        sys.exit(f"{command[:2]} failed: {run.stderr}")
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return seconds, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, run


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--binary", default="target/release/rewardctl")
    parser.add_argument("--prompts", type=int, default=50_000)
    parser.add_argument("--rounds", type=int, default=5)
    args = parser.parse_args()
    binary = str(Path(args.binary).resolve())
    with tempfile.TemporaryDirectory() as folder:
        folder = Path(folder)
        scored = folder / "scored.jsonl"
        spread = write_scored(scored, args.prompts)
        scripts = {"pandas": PANDAS, "polars": POLARS, "polars, checked": CHECKED}
        found = {name: [] for name in ["rewardctl", *scripts]}
        pairs = {}
        for round_number in range(args.rounds):
            for name, script in scripts.items():
                out = folder / f"{name}.parquet"
                seconds, cpu, run = timed([sys.executable, "-c", script, scored, out, str(MARGIN)])
                found[name].append((seconds, cpu))
                pairs[name] = int(run.stdout)
            # A name of its own each round, so that nothing is `unchanged`.
            rules = {"models.rejected": "best-vs-worst", "models.min-margin-sd": MARGIN / spread}
            settings = [part for key, value in rules.items() for part in ("--set", f"{key}={value}")]
            command = [binary, "--store", folder / "store.db", "build", f"round{round_number}", "--type", "dpo",
                       "--from", scored, "-o", folder / "rewardctl.parquet", "--json", *settings]
            seconds, cpu, run = timed(command)
            found["rewardctl"].append((seconds, cpu))
            pairs["rewardctl"] = json.loads(run.stdout)["manifest"]["counts"]["rows"]
        ours = statistics.median(seconds for seconds, _ in found["rewardctl"])
        for name, times in found.items():
            wall = statistics.median(seconds for seconds, _ in times)
            cpu = statistics.median(seconds for _, seconds in times)
            print(f"{name:16} {wall:6.2f} s wall {cpu:6.2f} s CPU {pairs[name]:8} pairs   {wall / ours:5.2f} x rewardctl")


if __name__ == "__main__":
    main()
