#!/usr/bin/env bash
# Times the text encoder beside its peers, in one run; benches/encoder/README.md says how to read it.
set -euo pipefail
cd "$(dirname "$0")/.."

venv=.cache/bench-encoder
if [ ! -x "$venv/bin/python" ]; then
    "${PYTHON:-python3}" -m venv "$venv"
    "$venv/bin/pip" install --quiet -r benches/encoder/requirements.txt
fi
"$venv/bin/python" benches/encoder/peers.py --rewardctl "${CARGO_TARGET_DIR:-target}/release/rewardctl" "$@"
