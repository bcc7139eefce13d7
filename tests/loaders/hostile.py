"""Datasets of every kind, full of texts that files and loaders like to break."""
import hashlib
import json
from pathlib import Path

TEXTS = {
    "plain": "Name a prime.",
    "emoji": "\U0001f600\U0001f468\u200d\U0001f469\u200d\U0001f467 and e\u0301",
    "separators": "one\u2028two\u2029three\u0085four\x0bfive\x0csix",
    "nul": "before\x00after\x01\x1b[31m",
    "newlines": "a\r\nb\rc\n\nd\n",
    "quotes": "\"double\" 'single' \\back\\slash \\u0041 \\n",
    "json": "{\"a\": [1, null, true]}",
    "number": "1.0",
    "null": "null",
    "template": "<|im_start|>user\n<|eot_id|></s> {{ x }} {% if %} {0} %s ${HOME}",
    "bidi": "\u202eabc\u202c \ufeffmark \u200b",
    "date": "2026-11-20",
    "time": "2026-11-20T10:00:00Z",
    "a": "a",
    "padded": " padded ",
    "indented": "\n\n    def f():\n        pass\n\t",
    "long": "x\u00e9\n" * 700_000,
    "one_long_line": "word " * 400_000,
}
USER = "user"
KINDS = ["dpo", "kto", "sft", "prompts", "rollouts", "stepwise"]


def turn(role, content):
    return {"role": role, "content": content}


def prompts():
    """Every text as a prompt, and the conversations that not every target can carry."""
    for name, text in TEXTS.items():
        yield name, [turn(USER, text)]
    for name in ("plain", "separators", "newlines", "padded", "date"):
        text = TEXTS[name]
        yield f"system_{name}", [turn("system", text), turn(USER, "Name a prime.")]
        yield f"turns_{name}", [turn(USER, text), turn("assistant", text), turn(USER, "And another?")]
    yield "all", [turn("system", "Help."), turn(USER, "q"), turn("assistant", "r"), turn(USER, "s")]
    yield "twice", [turn(USER, "one"), turn(USER, "two")]
    yield "tool", [turn(USER, "look"), turn("assistant", "looking"), turn("tool", "42")]
    yield "prefill", [turn(USER, "q"), turn("assistant", "half an ans")]
    yield "strange", [turn("narrator", "Once."), turn(USER, "q")]
    yield "late_system", [turn(USER, "q"), turn("assistant", "r"), turn("system", "s"), turn(USER, "t")]
    yield "image", [turn(USER, "<image>What is this?")]
    yield "marker", [turn(USER, "x\n\nHuman: y\n\nAssistant: z"), turn("assistant", "r"), turn(USER, "t")]
    yield "empty", [turn(USER, "")]


def examples(kind, answer, other, index):
    if kind == "dpo":
        return {"preference": {"chosen": answer, "rejected": other}}
    if kind == "kto":
        return {"unpaired": {"completion": answer, "desirable": index % 2 == 0}}
    if kind == "sft":
        return {"demonstration": {"completion": answer}}
    if kind == "prompts":
        return {"prompt": {"reference": answer if index % 2 == 0 else None}}
    if kind == "rollouts":
        return {"rollout": {"completion": answer, "reward": [1.0, 0.0, 0.25][index % 3], "lower": -1.0}}
    return {"steps": {"completions": [answer, other], "labels": [True, index % 2 == 0]}}


def row(kind, name, prompt, answer, other, index):
    item = hashlib.sha256(f"{name} {index}".encode()).hexdigest()[:32]
    provenance = {
        "item": item, "responses": [item, item], "generators": ["m\u2028", None], "source": "single",
        "annotators": 1, "probability": 1.0, "margin": float(index % 3), "strength": 1.0, "weight": 1.0,
        "rewards": [1.0, None],
    }
    split = ["train", "train", "validation", "train", "test"][index % 5]
    return {"prompt": prompt, "example": examples(kind, answer, other, index), "split": split,
            "provenance": provenance}


def rows(kind):
    """Every prompt with a plain answer, every text as an answer, and answers that say nothing."""
    made = [row(kind, name, prompt, "Seven.", "Nine.", 0) for name, prompt in prompts()]
    asked = [turn(USER, "Name a prime.")]
    for index, (name, text) in enumerate(TEXTS.items()):
        made.append(row(kind, f"answer_{name}", asked, text, "Nine.", index))
        made.append(row(kind, f"other_{name}", asked, "Seven.", text, index))
    made.append(row(kind, "empty_answer", asked, " \n", "Nine.", 0))
    made.append(row(kind, "same", asked, "Seven.", "Seven. ", 0))
    return made


def many(kind):
    """More than 10 MB of rows, the odd one last: what loaders conclude from the start of a file meets its end."""
    made = []
    for index in range(30_000):
        # For the first megabytes nearly all texts are dates and all numbers are whole.
        text = f"20{index % 90 + 10}-01-02" if index < 9_000 and index != 17 else f"question {index} " + "pad " * 80
        made.append(row(kind, "many", [turn(USER, text)], f"answer {index}", f"other {index}", index))
        made[-1]["split"] = "train"
    made[-1]["prompt"] = [turn("system", TEXTS["separators"]), turn(USER, TEXTS["nul"])]
    made[-1]["provenance"]["margin"] = 1.5
    return made


def write(path, made):
    import zstandard
    lines = "".join(json.dumps(one, ensure_ascii=index % 2 == 0) + "\n" for index, one in enumerate(made))
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(zstandard.compress(lines.encode()))


def write_all(folder):
    folder = Path(folder)
    for kind in KINDS:
        write(folder / kind / "rows.jsonl.zst", rows(kind))
        write(folder / f"many_{kind}" / "rows.jsonl.zst", many(kind))
