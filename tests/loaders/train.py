#!/usr/bin/env python3
"""Trains a tiny model for a few steps with the trainers of TRL on files that `rewardctl export` writes.

    train.py [--rewardctl target/release/rewardctl] [--steps 4]

The model is a Llama of some thousand weights drawn at random, the tokenizer one of bytes: nothing of a hub is asked for. What
is checked is that each trainer takes the file as it is, that every step has a finite loss, and that the weights change. Needs
`pip install torch trl transformers datasets accelerate zstandard`; the versions are printed.
"""
import argparse
import math
import os
import subprocess
import tempfile
from pathlib import Path

os.environ.update(HF_HUB_OFFLINE="1", TRANSFORMERS_VERBOSITY="error", HF_DATASETS_DISABLE_PROGRESS_BARS="1", WANDB_MODE="disabled")

import datasets  # noqa: E402
import torch  # noqa: E402
import transformers  # noqa: E402
import trl  # noqa: E402
from hostile import rows as hostile_rows, write  # noqa: E402
from trainers import CHATML, tokenizer  # noqa: E402

ROOT = Path(__file__).resolve().parent.parent.parent
SIZES = {"hidden_size": 16, "intermediate_size": 32, "num_hidden_layers": 2, "num_attention_heads": 2, "max_position_embeddings": 4096}
# Target, kind of dataset, trainer, its settings.
RUNS = [
    ("trl-dpo", "dpo", "DPOTrainer", "DPOConfig"),
    ("trl-kto", "kto", "KTOTrainer", "KTOConfig"),
    ("trl-reward", "dpo", "RewardTrainer", "RewardConfig"),
    ("trl-sft", "sft", "SFTTrainer", "SFTConfig"),
    ("trl-grpo", "prompts", "GRPOTrainer", "GRPOConfig"),
]
# What a trainer needs beside.
SETTINGS = {"GRPOTrainer": {"num_generations": 2, "max_completion_length": 8}}
REWARDS = {"GRPOTrainer": {"reward_funcs": lambda completions, **row: [float(len(str(one))) for one in completions]}}


def model(trainer, words, folder):
    """A model that was loaded from a folder, as that of a user is: trainers load their reference from there."""
    torch.manual_seed(7)
    ids = {"pad_token_id": words.pad_token_id, "eos_token_id": words.eos_token_id}
    config = transformers.LlamaConfig(vocab_size=len(words), num_labels=1, **ids, **SIZES)
    kind = transformers.LlamaForSequenceClassification if trainer == "RewardTrainer" else transformers.LlamaForCausalLM
    kind(config).save_pretrained(folder)
    return kind.from_pretrained(folder)


def trained(target, kind, trainer, settings, folder, args):
    out = folder / f"{target}.jsonl"
    command = [args.rewardctl, "export", "--dataset", folder / "datasets" / kind, "--for", target, "-o", out]
    subprocess.run(command, check=True, capture_output=True)
    rows = datasets.load_dataset("json", data_files=str(out), split="train", cache_dir=str(folder / "cache"))
    # Of texts of 2 MB a few steps would take hours.
    rows = rows.filter(lambda row: sum(len(str(value)) for value in row.values()) < 4_000)
    words = tokenizer(CHATML)
    tiny = model(trainer, words, folder / "model")
    before = torch.cat([weight.detach().flatten().clone() for weight in tiny.parameters()])
    told = getattr(trl, settings)(
        output_dir=str(folder / trainer), max_steps=args.steps, per_device_train_batch_size=2, logging_steps=1,
        report_to=[], save_strategy="no", use_cpu=True, bf16=False, learning_rate=1e-3, disable_tqdm=True,
        **SETTINGS.get(trainer, {"max_length": 512}),
    )
    made = getattr(trl, trainer)(model=tiny, args=told, train_dataset=rows, processing_class=words, **REWARDS.get(trainer, {}))
    made.remove_callback(transformers.PrinterCallback)
    made.train()
    losses = [step["loss"] for step in made.state.log_history if "loss" in step]
    after = torch.cat([weight.detach().flatten() for weight in made.accelerator.unwrap_model(made.model).parameters()])
    assert len(losses) == args.steps and all(map(math.isfinite, losses)), losses
    assert not torch.equal(before, after), "no weight changed"
    return len(rows), losses


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rewardctl", type=Path, default=ROOT / "target" / "release" / "rewardctl")
    parser.add_argument("--steps", type=int, default=4)
    args = parser.parse_args()
    transformers.logging.disable_progress_bar()
    print(f"trl {trl.__version__}, transformers {transformers.__version__}, torch {torch.__version__}, datasets {datasets.__version__}")
    with tempfile.TemporaryDirectory() as folder:
        folder = Path(folder)
        for kind in {kind for _, kind, _, _ in RUNS}:
            write(folder / "datasets" / kind / "rows.jsonl.zst", hostile_rows(kind))
        for target, kind, trainer, settings in RUNS:
            rows, losses = trained(target, kind, trainer, settings, folder, args)
            print(f"{trainer:14} {target:11} {rows:4} rows, losses {' '.join(f'{loss:.3f}' for loss in losses)}", flush=True)


if __name__ == "__main__":
    main()
