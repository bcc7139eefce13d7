"""Imports single modules of trainers from their wheels, without running the rest of the package."""
import functools
import importlib
import importlib.machinery
import subprocess
import sys
import types
import zipfile
from pathlib import Path

WHEELS = {
    "llamafactory": "llamafactory==0.9.5",
    "openrlhf": "openrlhf==0.11.2",
    "axolotl": "axolotl==0.19.0",
    "mlx_lm": "mlx-lm==0.32.2",
    "together": "together==1.5.35",
}


class Missing(Exception):
    """A package that cannot be had here."""


def fetch(folder):
    """Downloads and unpacks what is not there yet; what cannot be had is left out."""
    for package, requirement in WHEELS.items():
        place = folder / package
        if place.exists():
            continue
        load = [sys.executable, "-m", "pip", "download", "-q", "--no-deps", "-d", str(folder), requirement]
        if subprocess.run(load, capture_output=True, check=False).returncode != 0:
            continue
        wheel = next(wheel for wheel in folder.glob("*.whl") if wheel.name.startswith(f"{package}-"))
        zipfile.ZipFile(wheel).extractall(place)


def root(wheels, package):
    """Returns the folder of an unpacked package."""
    found = [path.parent for path in Path(wheels, package).glob(f"**/{package}/__init__.py")]
    if not found:
        raise Missing(WHEELS[package])
    return min(found, key=lambda path: len(path.parts))


def module(name, path=None, **attributes):
    """Puts a package in place whose own start is not run, or a stand-in with the attributes given."""
    made = types.ModuleType(name)
    made.__spec__ = importlib.machinery.ModuleSpec(name, None, is_package=path is not None)
    if path is not None:
        made.__path__ = [str(path)]
    made.__dict__.update(attributes)
    sys.modules[name] = made
    parent, _, child = name.rpartition(".")
    if parent in sys.modules:
        setattr(sys.modules[parent], child, made)
    return made


@functools.cache
def openrlhf(wheels):
    base = root(wheels, "openrlhf")
    module("torch", "")
    module("torch.utils", "")
    module("torch.utils.data", Dataset=object)
    module("openrlhf", base)
    module("openrlhf.datasets", base / "datasets")
    module("openrlhf.utils", base / "utils")
    module("openrlhf.utils.utils", zero_pad_sequences=None)
    names = ("reward_dataset", "sft_dataset", "prompts_dataset")
    made = [importlib.import_module(f"openrlhf.datasets.{name}").preprocess_data for name in names]
    # `datasets` would take a stand-in for torch itself.
    for name in ("torch", "torch.utils", "torch.utils.data"):
        del sys.modules[name]
    return made


@functools.cache
def llamafactory(wheels):
    base = root(wheels, "llamafactory")
    for name in ("", ".extras", ".data"):
        module("llamafactory" + name, base / name.strip("."))
    module("llamafactory.extras.constants", RUNNING_LOG="log", DATA_CONFIG="dataset_info.json")
    module("llamafactory.extras.misc", use_modelscope=lambda: False, use_openmind=lambda: False)
    return (importlib.import_module("llamafactory.data.parser"),
            importlib.import_module("llamafactory.data.converter"))


@functools.cache
def axolotl(wheels):
    """The template is the tokenizer's own; how Axolotl chooses another does not touch the data."""
    base = root(wheels, "axolotl")
    for name in ("", ".utils", ".utils.schemas", ".prompt_strategies", ".prompt_strategies.dpo",
                 ".prompt_strategies.kto", ".prompt_strategies.bradley_terry"):
        module("axolotl" + name, base / name.strip(".").replace(".", "/"))
    module("axolotl.utils.chat_templates", extract_chat_template_args=lambda **_: (None, None),
           get_chat_template=lambda tokenizer=None, **_: tokenizer.chat_template)
    module("axolotl.utils.schemas.utils", handle_legacy_message_fields_logic=lambda config: config)
    load = importlib.import_module
    return (load("axolotl.prompt_strategies.dpo.chat_template"), load("axolotl.prompt_strategies.dpo.chatml"),
            load("axolotl.prompt_strategies.kto.chatml"))


@functools.cache
def mlx(wheels):
    base = root(wheels, "mlx_lm")
    module("mlx_lm", base)
    module("mlx_lm.tuner", base / "tuner")
    module("mlx_lm.cli_ui", rprint=print)
    return importlib.import_module("mlx_lm.tuner.datasets")


@functools.cache
def together(wheels):
    base = root(wheels, "together")
    for name in ("", ".utils", ".types"):
        module("together" + name, base / name.strip("."))
    purpose = types.SimpleNamespace(FineTune="fine-tune", Eval="eval", BatchAPI="batch-api")
    module("together.types", FilePurpose=purpose)
    return importlib.import_module("together.utils.files")
