"""Prints the golden numbers of tests.rs: tokens and cosines by the Python packages onnxruntime and tokenizers.

`python golden.py MODEL_FOLDER`, with onnxruntime 1.31.1, tokenizers 0.23 and numpy.
"""

import sys

import numpy
import onnxruntime
from tokenizers import Tokenizer

TEXTS = [
    "How do I bake bread?",
    "What is the best way to make a loaf at home?",
    "The central bank raised its interest rate by half a point.",
    "Wie backe ich Brot? 漢字 naïve café 🙂",
    " ".join(f"Sentence {n} of a long text speaks of bread number {n * n}." for n in range(120)),
]


def main(folder):
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(f"{folder}/model.onnx", options, providers=["CPUExecutionProvider"])
    tokenizer = Tokenizer.from_file(f"{folder}/tokenizer.json")
    tokenizer.no_padding()
    tokenizer.no_truncation()

    def embed(text):
        tokens = tokenizer.encode(text, add_special_tokens=False).ids
        windows = numpy.array_split(tokens, max(1, -(-len(tokens) // 510)))
        total = numpy.zeros(384)
        for window in windows:
            ids = numpy.array([[101, *window, 102]], dtype=numpy.int64)
            total += len(window) * session.run(["embedding"], {"input_ids": ids})[0][0]
        return len(tokens), len(windows), total / numpy.linalg.norm(total)

    print("tokens", tokenizer.encode(TEXTS[3], add_special_tokens=False).ids)
    first = embed(TEXTS[0])[2]
    for text in TEXTS:
        tokens, windows, vector = embed(text)
        print(f"{text[:30]!r} tokens {tokens} windows {windows} cosine with the first {first @ vector:.4f}")


main(sys.argv[1])
