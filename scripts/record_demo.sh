#!/usr/bin/env bash
# Records again what the demo replays: needed after an edit of a shipped critic or of how requests are written.
# usage: scripts/record_demo.sh [BINARY]
set -euo pipefail
cd "$(dirname "$0")/.."

rewardctl=${1:-${CARGO_TARGET_DIR:-target}/release/rewardctl}
cassette=examples/scripted-panel.cassette.jsonl
scratch=$(mktemp -d)
: > "$scratch/rewardctl.toml" # shipped critics, whatever the settings of this checkout
export REWARDCTL_CONFIG=$scratch/rewardctl.toml

"${PYTHON:-python3}" scripts/scripted_endpoint.py --port 8765 &
endpoint=$!
trap 'kill "$endpoint" 2> /dev/null || true; rm -rf "$scratch"' EXIT
sleep 1
until curl --silent --fail --output /dev/null http://127.0.0.1:8765/v1/models; do sleep 0.2; done
kill -0 "$endpoint" || { echo "another program has port 8765" >&2; exit 5; }

# A recorder adds to what is there: the new cassette is made beside it.
"$rewardctl" score examples/answers.jsonl --panel examples/panels/scripted.toml \
    --store "$scratch/store.db" --record "$scratch/cassette.jsonl" -o "$scratch/rewards.jsonl"
mv "$scratch/cassette.jsonl" "$cassette"
wc -lc "$cassette"
