"""Compares what `rewardctl plan` says is likely with what `score` then takes, on a scripted endpoint that lacks this or that.

The endpoint is that of `faults.py`; where it is absent this says so and ends. For each panel and each lack:

- `blind`: the plan in a new project, of an endpoint that was never asked;
- `probed`: the same after `plan --probe`;
- `learnt`: the plan for further responses after a first run.

What a plan leaves out in so many words (repairs) is counted in the run all the same.
"""

import argparse
import json
import os
import sqlite3
import subprocess
import sys
import tempfile
from pathlib import Path

from faults import Endpoint, MOCK

HEAD = 'name = "plan"\n[quorum]\ncoverage = 0.1\ndimensions = 1\n'
DIMENSION = '[[dimension]]\nname = "accuracy"\nweight = 1\n'


def critic(name, prompt, samples, tier=1):
    return (f'[[critic]]\nname = "llm.{name}"\nprompt = "{prompt}"\ndimension = "accuracy"\n'
            f'samples = {samples}\ntier = {tier}\n')


PANELS = {
    "one critic, 1 sample": HEAD + DIMENSION + critic("accuracy", "accuracy", 1),
    "one critic, 5 samples": HEAD + DIMENSION + critic("accuracy", "accuracy", 5),
    "score and pairs": HEAD + DIMENSION + critic("accuracy", "accuracy", 3) + critic("preference", "preference", 1),
    "two tiers": HEAD + "[cascade]\nmax-uncertainty = 0.15\n" + DIMENSION + critic("accuracy", "accuracy", 3)
                 + critic("helpfulness", "helpfulness", 3, 2),
    "two tiers, two first": HEAD + "[cascade]\nmax-uncertainty = 0.2\n" + DIMENSION + critic("accuracy", "accuracy", 3)
                            + critic("style", "style", 3) + critic("helpfulness", "helpfulness", 3, 2),
}
LACKS = [[], ["logprobs"], ["n"], ["schema"], ["logprobs", "n"], ["logprobs", "n", "schema"]]


def rows(path, first, count):
    with open(path, "w") as file:
        for n in range(first, first + count):
            responses = [f"It is {n}, as the table says.", f"Nobody can know what {n} stands for."]
            file.write(json.dumps({"prompt": f"What is {n}?", "responses": responses}) + "\n")


def run(binary, folder, *arguments):
    environment = {**os.environ, "REWARDCTL_STORE": f"{folder}/store.db"}
    command = [binary, *arguments, "--panel", "panel.toml", "--json"]
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True)
    if done.returncode:
        sys.exit(done.stderr)
    return json.loads(done.stdout)


def amount(plan):
    likely = plan["likely"]
    return likely["calls"], likely["input_tokens"] + likely["output_tokens"], likely["cost_nano"]


def taken(folder):
    """What the critics' calls took so far."""
    with sqlite3.connect(f"file:{folder}/store.db?mode=ro", uri=True) as store:
        return store.execute(
            "SELECT count(*), total(input_tokens) + total(output_tokens), total(cost) FROM calls "
            "JOIN attempts ON call = calls.seq JOIN attempt_ends ON attempt = attempts.seq "
            "WHERE purpose = 'critic'").fetchone()


def compare(name, planned, real):
    shares = [f"{planned[at] / real[at] - 1:+6.1%}" if real[at] else "     ?" for at in range(3)]
    print(f"  {name:8} calls {shares[0]}  tokens {shares[1]}  cost {shares[2]}   of {real[0]:.0f} calls")
    return max(abs(planned[at] / real[at] - 1) for at in range(3) if real[at])


def case(binary, port, panel, lacks, count):
    with tempfile.TemporaryDirectory() as folder:
        endpoint = Endpoint(port, lacks, f"{folder}/bill.json")
        try:
            Path(folder, "panel.toml").write_text(panel)
            Path(folder, "rewardctl.toml").write_text(
                f'[endpoints.main]\nbase-url = "http://127.0.0.1:{port}/v1"\nmodel = "mock"\n'
                'price = { input = "0.15", output = "0.6" }\n')
            rows(f"{folder}/x.jsonl", 0, count)
            rows(f"{folder}/y.jsonl", count, count)
            blind = amount(run(binary, folder, "plan", "x.jsonl"))
            probed = amount(run(binary, folder, "plan", "x.jsonl", "--probe"))
            run(binary, folder, "score", "x.jsonl")
            first = taken(folder)
            learnt = amount(run(binary, folder, "plan", "y.jsonl"))
            run(binary, folder, "score", "y.jsonl")
            second = [after - before for after, before in zip(taken(folder), first)]
        finally:
            endpoint.close()
        off = [compare("blind", blind, first), compare("probed", probed, first), compare("learnt", learnt, second)]
        return off


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rewardctl", default="target/release/rewardctl")
    parser.add_argument("--rows", type=int, default=100)
    parser.add_argument("--port", type=int, default=8395)
    parser.add_argument("--only", default="")
    args = parser.parse_args()
    if not MOCK.exists():
        sys.exit(f"skipped: there is no `{MOCK}`")
    binary, worst = str(Path(args.rewardctl).resolve()), [0, 0, 0]
    for name, panel in PANELS.items():
        for lacks in LACKS:
            title = f"{name}; lacks {', '.join(lacks) or 'nothing'}"
            if args.only in title:
                print(title)
                worst = [max(pair) for pair in zip(worst, case(binary, args.port, panel, lacks, args.rows))]
    print(f"off at most: blind {worst[0]:.0%}, probed {worst[1]:.0%}, learnt {worst[2]:.0%}")


if __name__ == "__main__":
    main()
