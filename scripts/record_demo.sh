#!/usr/bin/env bash
# Records again what the demo replays: needed after an edit of a shipped critic or of how requests are written.
# usage: scripts/record_demo.sh [BINARY]
set -euo pipefail
cd "$(dirname "$0")/.."

rewardctl=${1:-${CARGO_TARGET_DIR:-target}/release/rewardctl}
scratch=$(mktemp -d)
: > "$scratch/rewardctl.toml" # shipped critics, whatever the settings of this checkout
export REWARDCTL_CONFIG=$scratch/rewardctl.toml

"${PYTHON:-python3}" scripts/scripted_endpoint.py --port 8765 &
endpoint=$!
trap 'kill "$endpoint" 2> /dev/null || true; rm -rf "$scratch"' EXIT
sleep 1
until curl --silent --fail --output /dev/null http://127.0.0.1:8765/v1/models; do sleep 0.2; done
kill -0 "$endpoint" || { echo "another program has port 8765" >&2; exit 5; }

# A recorder adds to what is there: the new cassettes are made elsewhere.
"$rewardctl" score examples/answers.jsonl --panel examples/panels/scripted.toml \
    --store "$scratch/store.db" --record "$scratch/panel" -o "$scratch/rewards.jsonl"
"$rewardctl" sample examples/prompts.jsonl -n 4 --config examples/scripted.toml \
    --store "$scratch/store.db" --record "$scratch/candidates" -o "$scratch/candidates.jsonl"
for cassette in panel candidates; do
    mv "$scratch/$cassette" "examples/scripted-$cassette.cassette.jsonl"
    chmod 644 "examples/scripted-$cassette.cassette.jsonl"
done
wc -lc examples/scripted-*.cassette.jsonl
