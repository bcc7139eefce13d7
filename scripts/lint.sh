#!/usr/bin/env bash
# What CI checks beside the tests: format, lints, licences and advisories, docs.
set -euo pipefail
cd "$(dirname "$0")/.."

# Pinned, so that a new release cannot break an old commit.
CARGO_DENY=0.20.2
if ! cargo deny --version 2>/dev/null | grep -q "$CARGO_DENY"; then
    cargo install cargo-deny --locked --version "$CARGO_DENY"
fi

cargo fmt --all --check
cargo clippy --workspace --all-targets --locked -- -D warnings
cargo deny --locked check bans licenses sources
# The advisory database lies on the network; where that cannot be reached, say so instead of failing.
if cargo deny --locked fetch db >/dev/null 2>&1; then
    cargo deny --locked check --disable-fetch advisories
else
    echo "skipped: the advisory database cannot be reached"
fi
RUSTDOCFLAGS="-D warnings" cargo doc --workspace --no-deps --locked --document-private-items --quiet
