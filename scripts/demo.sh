#!/usr/bin/env bash
# The whole loop once, offline: score the examples, see the queue, import labels, export training data; then what a
# tier of LLM critics adds, and pairs from prompts alone, replayed from recordings of a script that plays the model.
set -euo pipefail
cd "$(dirname "$0")/.."

rewardctl=${CARGO_TARGET_DIR:-target}/release/rewardctl
out=out/demo
rm -rf "$out"
mkdir -p "$out"
export REWARDCTL_STORE=$out/store.db
# Settings of this checkout must not change what is shown, nor send calls that cost money.
: > "$out/rewardctl.toml"
export REWARDCTL_CONFIG=$out/rewardctl.toml

step() { printf '\n\033[1m%s\033[0m\n\033[2m$ %s\033[0m\n' "$1" "$2"; }

step "1. Score the examples: rules and a text reward model, no network, no key" \
     "rewardctl score examples/answers.jsonl -o $out/rewards.jsonl --show 2"
"$rewardctl" score examples/answers.jsonl -o "$out/rewards.jsonl" --show 2

step "2. What people should look at, and why" "rewardctl queue list --limit 8"
"$rewardctl" queue list --limit 8

step "3. What two reviewers said" "rewardctl label import examples/labels.jsonl"
"$rewardctl" label import examples/labels.jsonl

step "4. What these labels say of the critics, beside simpler ways to combine them; a fit that does not lead stays out of force" \
     "rewardctl learn"
"$rewardctl" learn

step "5. Training data: people outrank the models, ties are withheld" \
     "rewardctl export --for trl-dpo -o $out/dpo.jsonl"
"$rewardctl" export --for trl-dpo -o "$out/dpo.jsonl"

step "6. Where everything stands" "rewardctl status"
"$rewardctl" status

step "One of the pairs" "head -1 $out/dpo.jsonl"
${PYTHON:-python3} - "$out/dpo.jsonl" <<'EOT'
import json, sys, textwrap

pair = json.loads(open(sys.argv[1], encoding="utf-8").readline())
for part in ("prompt", "chosen", "rejected"):
    text = " ".join(pair[part][-1]["content"].split())
    print(textwrap.fill(f"{part:9}{text}", 100, subsequent_indent=" " * 9, max_lines=4))
EOT

panel=examples/panels/scripted.toml
cassette=examples/scripted-panel.cassette.jsonl
step "7. LLM critics where the rules leave a reward uncertain: a recording of a script, not of a model" \
     "rewardctl score examples/answers.jsonl --panel $panel --store none --replay $cassette -o $out/llm.jsonl"
"$rewardctl" score examples/answers.jsonl --panel rules --store none -o "$out/rules.jsonl" 2> /dev/null
"$rewardctl" score examples/answers.jsonl --panel "$panel" --store none --replay "$cassette" -o "$out/llm.jsonl"
${PYTHON:-python3} scripts/demo_llm.py "$out/rules.jsonl" "$out/llm.jsonl" "$cassette"

candidates=examples/scripted-candidates.cassette.jsonl
step "8. From prompts alone: candidates, again of the script, not of a model" \
     "rewardctl sample examples/prompts.jsonl -n 4 --config examples/scripted.toml --replay $candidates -o $out/candidates.jsonl"
"$rewardctl" sample examples/prompts.jsonl -n 4 --config examples/scripted.toml --store none --replay "$candidates" \
    -o "$out/candidates.jsonl"
step "9. Their rewards and preference pairs" \
     "rewardctl score $out/candidates.jsonl && rewardctl export --for trl-dpo -o $out/candidates.dpo.jsonl"
"$rewardctl" score "$out/candidates.jsonl" --store "$out/candidates.db" -o "$out/candidates.rewards.jsonl"
"$rewardctl" export --for trl-dpo --store "$out/candidates.db" -o "$out/candidates.dpo.jsonl"

printf '\nRewards: %s\nPairs:   %s\nOrigins: %s\n' "$out/rewards.jsonl" "$out/dpo.jsonl" "$out/dpo.jsonl.provenance.jsonl"
printf 'Next:    target/release/rewardctl score your-answers.jsonl\n'
printf '         target/release/rewardctl init, then `[endpoints.main]` in rewardctl.toml for LLM critics of your own\n'
