"""Fetches the pinned ONNX Runtime library and its licences into .cache/onnxruntime/; does nothing if they are there.

`pip download` installs nothing, so it works where the system's Python forbids installs. The wheel is chosen by
platform, never by the Python that runs this, and pip refuses it unless its hash is the one in onnxruntime.txt.
"""

import os
import platform
import shutil
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / ".cache" / "onnxruntime"
# What a release must carry beside the library.
LICENCES = ("LICENSE", "ThirdPartyNotices.txt")
# (system, machine) -> (pip's platform tag, the library's name in the wheel)
WHEELS = {
    ("Linux", "x86_64"): ("manylinux_2_28_x86_64", "libonnxruntime.so.1.31.1"),
    ("Linux", "aarch64"): ("manylinux_2_28_aarch64", "libonnxruntime.so.1.31.1"),
    ("Darwin", "arm64"): ("macosx_14_0_arm64", "libonnxruntime.1.31.1.dylib"),
}


def main():
    machine = (platform.system(), platform.machine())
    if machine not in WHEELS:
        sys.exit(f"error: no pinned ONNX Runtime for {machine}\nhint: name a library with REWARDCTL_ONNXRUNTIME")
    tag, library = WHEELS[machine]
    inside = {FOLDER / library: f"onnxruntime/capi/{library}"}
    inside.update((FOLDER / name, f"onnxruntime/{name}") for name in LICENCES)
    missing = {target: name for target, name in inside.items() if not target.exists()}
    if not missing:
        return
    print(f"fetching ONNX Runtime ({library})", flush=True)
    with tempfile.TemporaryDirectory() as scratch:
        wheel = download(tag, Path(scratch))
        for target, name in missing.items():
            unpack(wheel, name, target)


def download(tag, folder):
    pip = [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check"]
    pinned = ["--no-deps", "--only-binary=:all:", "--require-hashes", "-r", ROOT / "scripts" / "onnxruntime.txt"]
    wheel = ["--python-version", "3.12", "--implementation", "cp", "--abi", "cp312", "--platform", tag]
    done = subprocess.run([*pip, *pinned, *wheel, "-d", folder])
    if done.returncode != 0:
        sys.exit("error: pip could not fetch ONNX Runtime\nhint: is there a network, and pip (python3 -m ensurepip)?")
    return next(folder.glob("*.whl"))


def unpack(wheel, name, target):
    target.parent.mkdir(parents=True, exist_ok=True)
    # Beside, then renamed: an interrupt leaves no half library.
    beside = target.with_name(target.name + ".part")
    with zipfile.ZipFile(wheel) as archive, archive.open(name) as packed:
        with open(beside, "wb") as unpacked:
            shutil.copyfileobj(packed, unpacked)
    os.replace(beside, target)


if __name__ == "__main__":
    main()
