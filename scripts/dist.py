"""Packs a release into dist/: a tarball, a wheel for pip, and SHA256SUMS. The same inputs give the same bytes.

Both hold one tree, laid out as the binary looks for its parts: bin/rewardctl, and share/rewardctl/ beside it. The
version stands in Cargo.toml alone. SOURCE_DATE_EPOCH sets the times in the archives; 1980-01-01 without it.
"""

import argparse
import base64
import gzip
import hashlib
import io
import os
import platform
import re
import subprocess
import sys
import tarfile
import tempfile
import time
import tomllib
import zipfile
from pathlib import Path

from notices import notices

ROOT = Path(__file__).resolve().parent.parent
RUNTIME = ROOT / ".cache" / "onnxruntime"
MODELS = ("encoder", "text-heads", "aggregator")
# The first second that a zip file can name.
EPOCH = max(int(os.environ.get("SOURCE_DATE_EPOCH", "0")), 315532800)
# The ONNX Runtime library needs this glibc at least; the wheel that it comes from says so.
LEAST_GLIBC = (2, 28)
COMPLETIONS = {
    "bash": "share/bash-completion/completions/rewardctl",
    "zsh": "share/zsh/site-functions/_rewardctl",
    "fish": "share/fish/vendor_completions.d/rewardctl.fish",
}


def main():
    arguments = argparse.ArgumentParser(description=__doc__)
    target = Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target"))
    arguments.add_argument("--binary", type=Path, default=target / "release" / "rewardctl")
    arguments.add_argument("--into", type=Path, default=ROOT / "dist")
    told = arguments.parse_args()
    machine = platform.machine()
    if platform.system() != "Linux" or machine not in ("x86_64", "aarch64"):
        sys.exit(f"error: no release is packed on {platform.system()} {machine}\nhint: `make install` installs here")
    version = tomllib.loads((ROOT / "Cargo.toml").read_text())["workspace"]["package"]["version"]
    triple = f"{machine}-unknown-linux-gnu"
    tree = contents(told.binary, triple)
    told.into.mkdir(parents=True, exist_ok=True)
    tag = f"py3-none-{manylinux(tree)}_{machine}"
    made = {
        f"rewardctl-{version}-{triple}.tar.gz": tarball(f"rewardctl-{version}-{triple}", tree),
        f"rewardctl-{version}-{tag}.whl": wheel(version, tag, tree),
    }
    sums = "".join(f"{hashlib.sha256(made[name]).hexdigest()}  {name}\n" for name in sorted(made))
    made["SHA256SUMS"] = sums.encode()
    for name, content in made.items():
        # Beside, then renamed: an interrupt leaves no half release.
        beside = told.into / f"{name}.part"
        beside.write_bytes(content)
        os.replace(beside, told.into / name)
        print(f"{len(content) / 1e6:6.1f} MB  {told.into / name}")


def contents(binary, triple):
    """Returns every file of a release: its path -> (content, mode)."""
    files = {"bin/rewardctl": (binary.read_bytes(), 0o755)}
    libraries = sorted(RUNTIME.glob("libonnxruntime*"))
    if len(libraries) != 1:
        sys.exit(f"error: {RUNTIME} holds {len(libraries)} libraries, and one is due\nhint: `make setup` fetches it")
    files[f"share/rewardctl/lib/{libraries[0].name}"] = (libraries[0].read_bytes(), 0o644)
    share, doc = "share/rewardctl", "share/doc/rewardctl"
    for name in [*(f"models/{model}" for model in MODELS), "prompts", "panels"]:
        for path in sorted((ROOT / name).rglob("*")):
            if path.is_file():
                files[f"{share}/{path.relative_to(ROOT)}"] = (path.read_bytes(), 0o644)
    files[f"{share}/prices.toml"] = ((ROOT / "prices.toml").read_bytes(), 0o644)
    for name in ("README.md", "CHANGELOG.md", "LICENSE-MIT", "LICENSE-APACHE"):
        files[f"{doc}/{name}"] = ((ROOT / name).read_bytes(), 0o644)
    files[f"{doc}/THIRD-PARTY-NOTICES.txt"] = (notices(ROOT, triple).encode(), 0o644)
    for shell, path in COMPLETIONS.items():
        files[path] = (said(binary, "completions", shell), 0o644)
    with tempfile.TemporaryDirectory() as folder:
        said(binary, "man", folder)
        for page in sorted(Path(folder).iterdir()):
            files[f"share/man/man1/{page.name}"] = (page.read_bytes(), 0o644)
    return dict(sorted(files.items()))


def said(binary, *arguments):
    done = subprocess.run([binary.resolve(), *arguments], capture_output=True)
    if done.returncode != 0:
        sys.exit(f"error: `rewardctl {' '.join(arguments)}` failed\n{done.stderr.decode()}")
    return done.stdout


def manylinux(tree):
    """Returns the tag of the oldest glibc that has every symbol which binary and library ask for."""
    asked = [LEAST_GLIBC]
    for path, (content, _) in tree.items():
        if path.startswith(("bin/", "share/rewardctl/lib/")):
            found = re.findall(rb"\0GLIBC_(\d+)\.(\d+)(?=[.\0])", content)
            asked.extend((int(major), int(minor)) for major, minor in found)
    major, minor = max(asked)
    return f"manylinux_{major}_{minor}"


def tarball(folder, tree):
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w", format=tarfile.USTAR_FORMAT) as archive:
        for path, (content, mode) in tree.items():
            entry = tarfile.TarInfo(f"{folder}/{path}")
            entry.size, entry.mode, entry.mtime = len(content), mode, EPOCH
            archive.addfile(entry, io.BytesIO(content))
    return gzip.compress(packed.getvalue(), compresslevel=9, mtime=0)


def wheel(version, tag, tree):
    """Packs the tree so that pip puts it under the environment's prefix: scripts to bin/, data to the rest."""
    info, data = f"rewardctl-{version}.dist-info", f"rewardctl-{version}.data"
    files = {}
    for path, entry in tree.items():
        inside = f"scripts/{path.removeprefix('bin/')}" if path.startswith("bin/") else f"data/{path}"
        files[f"{data}/{inside}"] = entry
    for name in ("LICENSE-MIT", "LICENSE-APACHE", "THIRD-PARTY-NOTICES.txt"):
        files[f"{info}/licenses/{name}"] = tree[f"share/doc/rewardctl/{name}"]
    files[f"{info}/METADATA"] = (metadata(version).encode(), 0o644)
    described = f"Wheel-Version: 1.0\nGenerator: rewardctl make dist\nRoot-Is-Purelib: false\nTag: {tag}\n"
    files[f"{info}/WHEEL"] = (described.encode(), 0o644)
    record = "".join(f"{path},{digest(content)},{len(content)}\n" for path, (content, _) in sorted(files.items()))
    files[f"{info}/RECORD"] = (f"{record}{info}/RECORD,,\n".encode(), 0o644)
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for path, (content, mode) in sorted(files.items()):
            entry = zipfile.ZipInfo(path, time.gmtime(EPOCH)[:6])
            entry.create_system, entry.external_attr = 3, (0o100000 | mode) << 16
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, content)
    return packed.getvalue()


def metadata(version):
    package = tomllib.loads((ROOT / "crates" / "rewardctl" / "Cargo.toml").read_text())["package"]
    workspace = tomllib.loads((ROOT / "Cargo.toml").read_text())["workspace"]["package"]
    head = [
        "Metadata-Version: 2.4",
        "Name: rewardctl",
        f"Version: {version}",
        f"Summary: {package['description']}",
        f"License-Expression: {workspace['license']}",
        "License-File: LICENSE-MIT",
        "License-File: LICENSE-APACHE",
        "License-File: THIRD-PARTY-NOTICES.txt",
        "Requires-Python: >=3.8",
        f"Project-URL: Source, {workspace['repository']}",
        "Description-Content-Type: text/markdown",
    ]
    return "\n".join(head) + "\n\n" + (ROOT / "README.md").read_text()


def digest(content):
    return "sha256=" + base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=").decode()


if __name__ == "__main__":
    main()
