"""From prompts alone to a file for DPO, with what it took beside labelling every response by hand.

A scripted endpoint plays the model and the critics; money is that of made-up prices and of the tokens that it counts.
What it shows is that the way holds at this size, what the ledger says, and what `build --estimate` makes of it.
"""

import argparse
import json
import os
import random
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
SEED = 20261127
PORT = 8765  # that of examples/panels/scripted.toml
THINGS = "a bicycle lamp,a heat pump,a tax form,a sourdough starter,a night train,a rain barrel,a hearing aid,a chess clock".split(",")
ASKS = "How do I choose,What goes wrong most often with,Explain to a child,What does it cost to keep,Compare two kinds of,Write a note to a neighbour about,Which papers do I need for,How do I repair".split(",")
WHERE = "in a small flat,on a farm,by the sea,in winter,on a long journey,for a school,after a flood,with little money".split(",")


def write_prompts(path, count):
    """Writes `count` different questions; the words between them differ as well as their parts."""
    draw = random.Random(SEED)
    words = [f"{a}{b}{c}" for a in ("ba", "ke", "li", "mo", "ru") for b in "lmnrst" for c in ("an", "eth", "or", "um")]
    with open(path, "w") as file:
        for number in range(count):
            about = " ".join(draw.sample(words, 4))
            ask = f"{draw.choice(ASKS)} {draw.choice(THINGS)} {draw.choice(WHERE)}, thinking of {about}?"
            file.write(json.dumps({"id": f"p{number}", "prompt": ask}) + "\n")


def run(name, command, folder):
    start = time.perf_counter()
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True)
    seconds = time.perf_counter() - start
    print(f"$ rewardctl {' '.join(map(str, command[1:]))}    ({seconds:.1f} s)")
    if done.returncode not in (0, 1):
        sys.exit(done.stderr)
    print("  " + "\n  ".join(done.stderr.strip().splitlines()[-14:]) + "\n")
    return seconds


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--binary", default=ROOT / "target/release/rewardctl")
    parser.add_argument("--prompts", type=int, default=5_000, help="two responses are sampled for each")
    args = parser.parse_args()
    binary = Path(args.binary).resolve()
    with tempfile.TemporaryDirectory() as folder:
        folder = Path(folder)
        os.environ.update(REWARDCTL_STORE=str(folder / "store.db"))
        write_prompts(folder / "prompts.jsonl", args.prompts)
        endpoint = subprocess.Popen([sys.executable, ROOT / "scripts/scripted_endpoint.py", "--port", str(PORT)],
                                    stdout=subprocess.PIPE, text=True)
        try:
            endpoint.stdout.readline()
            (folder / "rewardctl.toml").write_text(
                f'[endpoints.scripted]\nbase-url = "http://127.0.0.1:{PORT}/v1"\nmodel = "scripted-demo"\n'
                'concurrency = 32\nprice = { input = "0.15", output = "0.60" }\n')
            run("sample", [binary, "sample", "prompts.jsonl", "-n", "2", "-o", "candidates.jsonl"], folder)
            run("score", [binary, "score", "candidates.jsonl", "--panel", ROOT / "examples/panels/scripted.toml",
                          "-o", "rewards.jsonl"], folder)
            run("build", [binary, "build", "bootstrap", "--type", "dpo", "--estimate"], folder)
            run("export", [binary, "export", "bootstrap", "--for", "trl-dpo", "-o", "dpo.jsonl"], folder)
        finally:
            endpoint.terminate()


if __name__ == "__main__":
    main()
