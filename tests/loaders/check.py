"""Loads every export with the real code of its loader and compares texts with what was meant.

    check.py REWARDCTL DATASETS WHEELS

Runs in an environment with `datasets`; `run.py` makes two, one for each end of its versions.
"""
import json
import os
import shutil
import subprocess
import sys
import tempfile
import traceback
from pathlib import Path

os.environ.update(HF_HUB_OFFLINE="1", TRANSFORMERS_VERBOSITY="error", HF_DATASETS_DISABLE_PROGRESS_BARS="1")

import datasets  # noqa: E402

import bypass  # noqa: E402
import trainers  # noqa: E402
from hostile import TEXTS  # noqa: E402
from targets import TARGETS, meant  # noqa: E402

SERVICES = ("openai", "together", "fireworks", "vertex", "bedrock")
# Texts that a target with a place for one user turn must carry, among others.
ALWAYS = set(TEXTS.values()) - {TEXTS["a"]}


def export(program, dataset, name, out, flags):
    command = [program, "export", "--dataset", str(dataset), "--for", name, "-o", str(out), "--json", *flags.split()]
    ran = subprocess.run(command, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr
    return json.loads(ran.stdout)


def carried(rows, out, report, target):
    """The rows that the side file says were written, by file, as they were meant."""
    by_item = {row["provenance"]["item"]: row for row in rows}
    files = {Path(file["path"]).name: [] for file in report["files"]}
    for line in Path(f"{out}.provenance.jsonl").read_text().split("\n")[:-1]:
        origin = json.loads(line)
        assert origin["row"] == len(files[origin["file"]]), "rows are numbered within their file"
        files[origin["file"]].append(by_item[origin["provenance"]["item"]])
    return {name: [meant(row, target) for row in rows] for name, rows in files.items()}


def load(path, cache):
    """Reads one file as `datasets` does, alone, so that its types are found from it alone."""
    kind = "parquet" if path.suffix == ".parquet" else "json"
    return datasets.load_dataset(kind, data_files=str(path), split="train", cache_dir=cache)


def conforms(rows, name, report):
    """Hosted services have no loader to run: what is documented of their files is asserted here."""
    for row in rows:
        assert None not in row.values(), row
    if name == "bedrock-messages":
        for row in rows:
            assert set(row) <= {"system", "messages"} and row.get("system") != ""
            roles = [message["role"] for message in row["messages"]]
            assert roles == ["user", "assistant"] * (len(roles) // 2) and len(roles) >= 2
    if name in ("openai-preference", "together", "fireworks"):
        for row in rows:
            assert set(row) == {"input", "preferred_output", "non_preferred_output"}
            assert set(row["input"]) == {"messages"} and row["input"]["messages"][-1]["role"] == "user"
    if name.startswith("vertex"):
        for row in rows:
            roles = [content["role"] for content in row["contents"]]
            assert set(roles) <= {"user", "model"} and roles[0] == "user"


def lines(path):
    text = path.read_bytes().decode()
    assert text.endswith("\n") and "\n\n" not in text and not text.startswith("\ufeff")
    return [json.loads(line) for line in text.split("\n")[:-1]]


def check(program, rows, dataset, case, folder, wheels):
    name, _, out_name, flags, read = case
    out = Path(folder, out_name)
    report = export(program, dataset, name, out, flags)
    expected = carried(rows, out, report, name)
    total = sum(len(rows) for rows in expected.values())
    lost = sum(report["withheld"].values()) + sum(report["left_out"].values())
    assert total == report["rows"] and total + lost == len(rows), (total, lost, len(rows))
    loaded = {}
    for file in report["files"]:
        path = Path(file["path"])
        service = name.startswith(SERVICES)
        got = lines(path) if service else list(load(path, f"{folder}/cache"))
        conforms(got, name, report)
        assert len(got) == file["rows"]
        same([read(row) for row in got], expected[path.name], path.name)
        loaded[path] = got
    if len(report["files"]) > 1 and not service:
        together_as_one(report, loaded, folder)
    said = trainers.check(name, out, report, loaded, expected, wheels)
    return total, len(loaded), said


def together_as_one(report, loaded, folder):
    """Files loaded as one dataset agree on their types."""
    paths = [str(path) for path in loaded]
    kind = "parquet" if paths[0].endswith(".parquet") else "json"
    whole = datasets.load_dataset(kind, data_files=paths, split="train", cache_dir=f"{folder}/whole")
    assert len(whole) == report["rows"]
    assert list(whole) == [row for rows in loaded.values() for row in rows]


def same(got, expected, where):
    assert len(got) == len(expected), (where, len(got), len(expected))
    for number, (one, other) in enumerate(zip(got, expected)):
        if one != other:
            raise AssertionError(f"{where} row {number}: {str(one)[:300]} is not {str(other)[:300]}")


def says_enough(case, rows, out, report):
    """No target may pass by withholding what it could carry."""
    written = "".join(Path(f"{out}.provenance.jsonl").read_text())
    names = {row["provenance"]["item"] for row in rows if row["split"] == "train" and len(row["prompt"]) == 1
             and row["prompt"][0]["content"] in ALWAYS and row["prompt"][0]["role"] == "user"}
    texts = sum(item in written for item in names)
    assert texts >= 10, f"only {texts} of the plain rows were carried"


def main(program, folder, wheels):
    failed, skipped = [], []
    known = {line.split()[0] for line in target_list(program)}
    assert known == {name for name, *_ in TARGETS}, known ^ {name for name, *_ in TARGETS}
    print(f"datasets {datasets.__version__}")
    for case in TARGETS:
        name, kind, out_name, flags, _ = case
        for dataset in (kind, f"many_{kind}"):
            if dataset.startswith("many") and (out_name, flags) not in (("out.jsonl", ""), ("out", "")):
                continue
            title = f"{name} {flags} {out_name} of {dataset}"
            scratch = tempfile.mkdtemp()
            try:
                path = Path(folder, dataset, "rows.jsonl.zst")
                rows = read_rows(path)
                count, files, said = check(program, rows, path, case, scratch, wheels)
                if dataset == kind:
                    says_enough(case, rows, Path(scratch, out_name), None)
                print(f"ok      {title}: {count} rows in {files} file(s){said}", flush=True)
            except bypass.Missing as missing:
                skipped.append(title)
                print(f"skipped {title}: {missing} cannot be had here", flush=True)
            except Exception:
                failed.append(title)
                print(f"FAILED  {title}\n{traceback.format_exc(limit=6)[-3000:]}", flush=True)
            finally:
                shutil.rmtree(scratch, ignore_errors=True)
    dates(program, folder, failed)
    print(f"datasets {datasets.__version__}: {len(failed)} failed, {len(skipped)} skipped")
    return 1 if failed else 0


def read_rows(path):
    import zstandard
    return [json.loads(line) for line in zstandard.decompress(path.read_bytes()).decode().split("\n")[:-1]]


def target_list(program):
    ran = subprocess.run([program, "export", "--for", "?", "-o", "x"], capture_output=True, text=True, check=False)
    values = ran.stderr.split("[possible values: ")[1].split("]")[0]
    return values.split(", ")


def dates(program, folder, failed):
    """A column of nothing but dates: JSONL is refused, Parquet keeps them texts, and the refusal is no excess."""
    import hostile
    rows = [hostile.row("dpo", "date", [hostile.turn("user", "2026-11-20")], f"2026-11-{day}", "2026-01-01", day)
            for day in (10, 11)]
    for row in rows:
        row["split"] = "train"
    path = Path(folder, "dates", "rows.jsonl.zst")
    hostile.write(path, rows)
    with tempfile.TemporaryDirectory() as scratch:
        command = [program, "export", "--dataset", str(path), "--for", "trl-dpo", "-o"]
        ran = subprocess.run([*command, f"{scratch}/x.jsonl"], capture_output=True, text=True, check=False)
        refused = ran.returncode == 2 and "dates" in ran.stderr and not os.listdir(scratch)
        json_lines = Path(scratch, "misread.jsonl")
        answer = {"role": "user", "content": "2026-11-20"}
        json_lines.write_text(json.dumps({"prompt": [answer]}) + "\n")
        misread = load(json_lines, f"{scratch}/c")[0]["prompt"][0]["content"] != "2026-11-20"
        ran = subprocess.run([*command, f"{scratch}/x.parquet"], capture_output=True, text=True, check=False)
        kept = ran.returncode == 0 and load(Path(scratch, "x.parquet"), f"{scratch}/c")[0]["prompt"][0] == answer
    right = refused and misread and kept
    print(f"{'ok     ' if right else 'FAILED '} dates alone: refused {refused}, misread {misread}, Parquet {kept}")
    if not right:
        failed.append("dates")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2], Path(sys.argv[3])))
