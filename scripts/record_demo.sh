#!/usr/bin/env bash
# Records again what the demo replays: needed after an edit of a shipped critic or of how requests are written.
# usage: scripts/record_demo.sh [BINARY]
set -euo pipefail
cd "$(dirname "$0")/.."

rewardctl=${1:-${CARGO_TARGET_DIR:-target}/release/rewardctl}
cassette=examples/scripted-panel.cassette.jsonl
scratch=$(mktemp -d)

"${PYTHON:-python3}" scripts/scripted_endpoint.py --port 8765 &
endpoint=$!
trap 'kill "$endpoint"; rm -rf "$scratch"' EXIT
until curl --silent --fail --output /dev/null http://127.0.0.1:8765/v1/models; do
    kill -0 "$endpoint" || exit 5 # another program has the port
    sleep 0.1
done

# A recorder adds to what is there: the new cassette is made beside it.
"$rewardctl" score examples/answers.jsonl --panel examples/panels/scripted.toml \
    --store "$scratch/store.db" --record "$scratch/cassette.jsonl" -o "$scratch/rewards.jsonl"
mv "$scratch/cassette.jsonl" "$cassette"
wc -lc "$cassette"
