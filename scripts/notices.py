"""Gathers the licences of everything that a release contains: crates, C code within them, ONNX Runtime, the encoder."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

LICENCE = re.compile(r"^(licen[cs]e|copying|copyright|notice|unlicense)", re.IGNORECASE)
# Licences whose text may stand for a crate that ships none; the copyright is then its authors'.
SHARED_TEXTS = {"MIT": "LICENSE-MIT", "Apache-2.0": "LICENSE-APACHE"}
LINE = "=" * 100


def notices(root, triple):
    """Returns the text; ends the program if a crate's licence has no text."""
    parts, texts = [], {}
    for package in linked(root, triple):
        name = f"{package['name']} {package['version']}"
        parts.append(f"{name}: {package['license'] or 'see its licence file'}  {package['repository'] or ''}".rstrip())
        for text in texts_of(package, root):
            texts.setdefault(text, []).append(name)
    for name, licence, paths in others(root):
        parts.append(f"{name}: {licence}")
        for path in paths:
            if not path.is_file():
                sys.exit(f"error: `{path}` is missing, and a release must carry it\nhint: `make setup` fetches it")
            texts.setdefault(tidy(path.read_text(encoding="utf-8-sig")), []).append(name)
    head = "rewardctl contains the following works of others, under the licences whose texts follow.\n\n"
    bodies = [f"{LINE}\n{wrapped(', '.join(names))}\n{LINE}\n\n{text}\n" for text, names in texts.items()]
    return head + "\n".join(parts) + "\n\n" + "\n".join(bodies)


def linked(root, triple):
    """Returns the packages whose code is in the binary, by name."""
    command = [os.environ.get("CARGO", "cargo"), "metadata", "--locked", "--format-version", "1"]
    done = subprocess.run([*command, "--filter-platform", triple], cwd=root, capture_output=True)
    if done.returncode != 0:
        sys.exit(f"error: `cargo metadata` failed\n{done.stderr.decode()}")
    graph = json.loads(done.stdout)
    packages = {package["id"]: package for package in graph["packages"]}
    nodes = {node["id"]: node for node in graph["resolve"]["nodes"]}
    own = set(graph["workspace_members"])
    found, left = set(), [next(at for at in own if packages[at]["name"] == "rewardctl")]
    while left:
        at = left.pop()
        is_macro = any("proc-macro" in target["kind"] for target in packages[at]["targets"])
        if at in found or is_macro:
            continue
        found.add(at)
        uses = nodes[at]["deps"]
        left += [dep["pkg"] for dep in uses if any(kind["kind"] is None for kind in dep["dep_kinds"])]
    return sorted((packages[at] for at in found - own), key=lambda package: (package["name"], package["version"]))


def texts_of(package, root):
    """Returns the licence texts that a crate carries, also of C code within it, or those that its manifest names."""
    folder = Path(package["manifest_path"]).parent
    paths = [path for path in sorted(folder.rglob("*")) if LICENCE.match(path.name) and path.is_file()]
    paths = [path for path in paths if path.suffix.lower() in ("", ".md", ".txt", ".apache", ".mit", ".bsd")]
    texts = [tidy(path.read_text(encoding="utf-8", errors="replace")) for path in paths]
    if texts:
        return list(dict.fromkeys(texts))
    named = [name for name in SHARED_TEXTS if name in re.split(r"[ ()/]+", package["license"] or "")]
    if not named:
        sys.exit(f"error: {package['name']} carries no licence text, and `{package['license']}` is not known here")
    text = (root / SHARED_TEXTS[named[0]]).read_text()
    return [tidy(re.sub(r"^Copyright .*\n", "Copyright (c) its authors\n", text, flags=re.MULTILINE))]


def others(root):
    """Returns what is no crate: name, licence, the files with its text."""
    runtime, encoder = root / ".cache" / "onnxruntime", root / "models" / "encoder"
    return [
        ("ONNX Runtime", "MIT", [runtime / "LICENSE", runtime / "ThirdPartyNotices.txt"]),
        ("all-MiniLM-L6-v2 (models/encoder)", "Apache-2.0", [encoder / "LICENSE"]),
    ]


def tidy(text):
    return "\n".join(line.rstrip() for line in text.replace("\r\n", "\n").strip("\n").split("\n"))


def wrapped(names):
    """Breaks a long list of names into lines."""
    lines, line = [], ""
    for name in names.split(", "):
        if line and len(line) + len(name) > 96:
            lines, line = [*lines, line + ","], ""
        line = f"{line}, {name}" if line else name
    return "\n".join([*lines, line])


if __name__ == "__main__":
    sys.stdout.write(notices(Path(__file__).resolve().parent.parent, sys.argv[1]))
