#!/usr/bin/env bash
# Installs the binary, the models and the ONNX Runtime library under PREFIX.
set -euo pipefail
cd "$(dirname "$0")/.."
prefix=${1:?usage: scripts/install.sh PREFIX}

target=${CARGO_TARGET_DIR:-target}
share=$prefix/share/rewardctl
mkdir -p "$prefix/bin" "$share/lib" "$share/models"
for model in encoder text-heads aggregator; do
    rm -rf "$share/models/$model"
    cp -R "models/$model" "$share/models/$model"
done
cp .cache/onnxruntime/libonnxruntime* "$share/lib/"
install -m 755 "$target/release/rewardctl" "$prefix/bin/rewardctl"
echo "installed $prefix/bin/rewardctl; models and library are in $share"
"$prefix/bin/rewardctl" doctor
