#!/usr/bin/env python3
"""Checks every export with the real loaders, at both ends of the versions of `datasets` that trainers pin.

Makes two environments and fetches the wheels of the trainers into .cache/loaders; nothing is trained, and nothing of
a hub is asked for. What cannot be had is named and skipped. `make loaders` runs it. `make trainers` runs it with `train`: a
third environment, of 6 GB since torch is in it, in which TRL trains a tiny model for a few steps.
"""
import os
import subprocess
import sys
import venv
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
CACHE = Path(os.environ.get("REWARDCTL_LOADERS", ROOT / ".cache" / "loaders"))
READERS = ["zstandard", "transformers", "jinja2", "tqdm"]
# The ceiling of LLaMA-Factory, and the newest.
ENVIRONMENTS = {
    "datasets-4.0.0": ["datasets==4.0.0", *READERS],
    "datasets-5.2.0": ["datasets==5.2.0", "mlcroissant[parquet]==1.1.1", *READERS],
}
TRAINING = ["datasets==5.2.0", "torch==2.15.0", "trl==1.16.0", "accelerate", *READERS]
# Imported without torch, for what they do to rows.
BARE = ["trl==1.16.0", "accelerate"]


def python(name, packages):
    """Returns the interpreter of an environment; None where it cannot be made."""
    folder = CACHE / name
    interpreter = folder / "bin" / "python"
    if (folder / "ready").exists():
        return interpreter
    venv.create(folder, with_pip=True)
    pip = [str(interpreter), "-m", "pip", "install", "-q"]
    for command in ([*pip, *packages], [*pip, "--no-deps", *BARE]):
        if subprocess.run(command, check=False).returncode != 0:
            return None
    (folder / "ready").touch()
    return interpreter


def main():
    program = Path(os.environ.get("REWARDCTL", ROOT / "target" / "release" / "rewardctl"))
    if not program.exists():
        sys.exit(f"there is no {program}: `make build` makes it")
    CACHE.mkdir(parents=True, exist_ok=True)
    if sys.argv[1:] == ["train"]:
        interpreter = python("training", TRAINING)
        if interpreter is None:
            sys.exit("torch cannot be had here")
        sys.exit(subprocess.run([interpreter, HERE / "train.py", "--rewardctl", program], check=False).returncode)
    wheels = CACHE / "wheels"
    wheels.mkdir(exist_ok=True)
    failed, made = False, False
    for name, packages in ENVIRONMENTS.items():
        interpreter = python(name, packages)
        if interpreter is None:
            print(f"skipped {name}: its packages cannot be had here")
            continue
        if not made:
            script = ("import sys, pathlib, bypass, hostile; bypass.fetch(pathlib.Path(sys.argv[1])); "
                      "hostile.write_all(sys.argv[2])")
            subprocess.run([interpreter, "-c", script, wheels, CACHE / "datasets"], cwd=HERE, check=True)
            made = True
        command = [interpreter, "check.py", program, CACHE / "datasets", wheels]
        failed |= subprocess.run(command, cwd=HERE, check=False).returncode != 0
    sys.exit(1 if failed else 0 if made else "nothing was checked")


if __name__ == "__main__":
    main()
