#!/usr/bin/env python3
"""Says what the LLM critics of a replayed run added to the rules: calls, spend, changed routes.

usage: scripts/demo_llm.py RULES.jsonl LLM.jsonl CASSETTE.jsonl
"""

import json
import sys

# The price of examples/panels/scripted.toml, in dollars a token.
INPUT, OUTPUT = 0.15e-6, 0.60e-6


def rows(path):
    with open(path, encoding="utf-8") as file:
        return [json.loads(line) for line in file]


def is_asked(row):
    return any(v["critic"].startswith("llm.") and not v["rationale"].startswith("not asked") for v in row["verdicts"])


def spread(row):
    return row["uncertainty"]["total"]


def route(row):
    return "accepted" if row["route"] == "accept" else f"to a person ({row['route_reason']})"


before, after, cassette = (rows(path) for path in sys.argv[1:4])
pairs = [(a, b) for a, b in zip(before, after) if is_asked(b)]
assert all(a["response_id"] == b["response_id"] for a, b in pairs)
usages = [json.loads(line["reply"]["body"]["text"])["usage"] for line in cassette]
read, written = (sum(usage[f"{kind}_tokens"] for usage in usages) for kind in ("prompt", "completion"))

print("\nThe endpoint was scripted, not a model: scripts/scripted_endpoint.py answers by a few rules that it names.")
print("So this shows how LLM critics are asked, booked and weighed, and nothing of how well a model would judge.\n")
print(f"asked     {len(pairs)} of {len(after)} responses, those whose reward was more uncertain than 0.1 without")
print(f"calls     {len(usages)} recorded, none sent now (one is the probe of what the endpoint can do)")
print(f"spend     {read:,} + {written:,} tokens, ${read * INPUT + written * OUTPUT:.4f} at the invented price of the panel file")
mean = [sum(spread(pair[at]) for pair in pairs) / len(pairs) for at in (0, 1)]
print(f"doubt     {mean[0]:.3f} -> {mean[1]:.3f}, the mean uncertainty of those responses")
changed = [(a, b) for a, b in pairs if a["route"] != b["route"]]
print(f"routes    {len(changed)} changed:")
for a, b in changed:
    place = f"{b['id']} #{b['response_index']}"
    print(f"  {place:10} reward {a['reward']:.2f} -> {b['reward']:.2f}, {route(a)} -> {route(b)}")
