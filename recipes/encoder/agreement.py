"""Measures how far the int8 encoder agrees with the float32 network."""

import platform

import numpy as np
import onnxruntime

from texts import fingerprint, mixed_texts, sentences

TEXTS = 400
LENGTHS = [1, 2, 3, 4, 8, 16, 32, 64, 128, 256, 384, 512]
TEXTS_PER_LENGTH = 10
SEED = 20261120
CLS, SEP = 101, 102


class Encoder:
    """One text a call on one thread, as the project runs it."""

    def __init__(self, model):
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        options.log_severity_level = 3
        self.session = onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])

    def __call__(self, texts: list[list[int]]) -> np.ndarray:
        return np.concatenate([self.session.run(["embedding"], {"input_ids": np.array([ids])})[0] for ids in texts])


def agreement(int8: Encoder, float32: Encoder, tokenizer) -> dict:
    """Returns all figures, rounded to six places."""
    texts = mixed_texts(tokenizer, TEXTS)
    tokens = [tokenizer.encode(text).ids for text in texts]
    ours, theirs = int8(tokens), float32(tokens)
    return {
        "texts": {
            "count": len(texts),
            "tokens": sum(map(len, tokens)),
            "source": f"docstrings of Python {platform.python_version()}",
            "fingerprint": fingerprint(texts),
        },
        "onnxruntime": onnxruntime.__version__,
        "cosine": spread(cosine(ours, theirs)),
        "pairwise_similarity": ranking(ours, theirs),
        "cosine_by_length": by_length(int8, float32, tokenizer),
    }


def cosine(ours: np.ndarray, theirs: np.ndarray) -> np.ndarray:
    return (ours.astype(np.float64) * theirs).sum(axis=1)


def spread(values: np.ndarray) -> dict:
    figures = {"mean": values.mean(), "min": values.min()}
    figures |= {f"p{percent}": np.percentile(values, percent) for percent in (1, 5, 25, 50)}
    return {name: round(float(value), 6) for name, value in figures.items()}


def ranking(ours: np.ndarray, theirs: np.ndarray) -> dict:
    """Compares the similarities of all pairs of texts, and each text's nearest neighbours."""
    upper = np.triu_indices(len(ours), 1)
    a, b = (ours @ ours.T)[upper], (theirs @ theirs.T)[upper]
    ranks = [np.argsort(np.argsort(values)) for values in (a, b)]
    nearest = [neighbours(embeddings, 10) for embeddings in (ours, theirs)]
    shared = [len(set(x) & set(y)) / 10 for x, y in zip(*nearest)]
    return {
        "spearman": round(float(np.corrcoef(*ranks)[0, 1]), 6),
        "mean_absolute_difference": round(float(np.abs(a - b).mean()), 6),
        "largest_absolute_difference": round(float(np.abs(a - b).max()), 6),
        "same_nearest_neighbour": round(float(np.mean([x[0] == y[0] for x, y in zip(*nearest)])), 6),
        "shared_of_10_nearest": round(float(np.mean(shared)), 6),
    }


def neighbours(embeddings: np.ndarray, count: int) -> np.ndarray:
    similarity = embeddings @ embeddings.T
    np.fill_diagonal(similarity, -np.inf)
    return np.argsort(-similarity, axis=1)[:, :count]


def by_length(int8: Encoder, float32: Encoder, tokenizer) -> dict:
    """Cuts running text to exact lengths; a text of one token is [CLS] alone."""
    order = np.random.default_rng(SEED).permutation(np.array(sentences(), dtype=object))
    stream = [token for sentence in order for token in tokenizer.encode(sentence, add_special_tokens=False).ids]
    figures, start = {}, 0
    for length in LENGTHS:
        rows = []
        for _ in range(TEXTS_PER_LENGTH):
            rows.append([CLS, *stream[start : start + length - 2], SEP][:length])
            start += length
        values = cosine(int8(rows), float32(rows))
        figures[str(length)] = {"mean": round(float(values.mean()), 6), "min": round(float(values.min()), 6)}
    return figures
