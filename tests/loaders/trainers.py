"""The loaders of the trainers themselves, on rows that `datasets` has read; each says what it ran."""
import json
import types
from pathlib import Path

import bypass

CHATML = ("{% for m in messages %}<|im_start|>{{ m.role }}\n{{ m.content }}<|im_end|>\n{% endfor %}"
          "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}")
# As the templates of Llama 3 and Gemma do, it trims what it is given.
TRIMMING = CHATML.replace("{{ m.content }}", "{{ m.content | trim }}")


def tokenizer(template):
    """A tokenizer of bytes, made in memory: no file and no hub."""
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers
    from transformers import PreTrainedTokenizerFast
    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    made = Tokenizer(models.BPE(vocab={char: number for number, char in enumerate(alphabet)}, merges=[]))
    made.pre_tokenizer, made.decoder = pre_tokenizers.ByteLevel(add_prefix_space=False), decoders.ByteLevel()
    fast = PreTrainedTokenizerFast(tokenizer_object=made, eos_token="<|im_end|>", pad_token="<pad>")
    fast.chat_template = template
    return fast


def chat(prompt):
    """A prompt as ChatML has it."""
    turns = "".join(f"<|im_start|>{role}\n{text}<|im_end|>\n" for role, text in prompt)
    return f"{turns}<|im_start|>assistant\n"


def check(name, out, report, loaded, expected, wheels):
    """Runs the loader of the target's family, if it can be run without its trainer."""
    rows = [(row, what) for path, rows in loaded.items() for row, what in zip(rows, expected[path.name])]
    # Templates render each row by itself: of many, both ends are enough.
    rows = rows if len(rows) < 1_000 else rows[:200] + rows[-200:]
    if name == "mlx":
        return mlx(out, expected, wheels)
    if name in ("together", "openai-sft"):
        return together(loaded, wheels)
    if name.startswith("llamafactory"):
        return llamafactory(out, report, loaded, expected, wheels)
    if name.startswith("openrlhf"):
        return openrlhf(name, rows, wheels)
    if name.startswith("axolotl"):
        return axolotl(name, rows, wheels)
    if name.startswith("trl") or name == "prompt-completion":
        return trl(rows)
    if name == "hf":
        return hub(out, report, loaded)
    if name.startswith("verl"):
        return verl(loaded, expected)
    return ""


def trl(rows):
    try:
        from trl.data_utils import apply_chat_template, is_conversational, maybe_extract_prompt
    except ImportError as error:
        raise bypass.Missing(f"trl ({error})") from error
    chatml = tokenizer(CHATML)
    columns = {"prompt", "chosen", "rejected", "completion", "messages", "label"}
    for row, (prompt, answers) in rows:
        row = maybe_extract_prompt({name: value for name, value in row.items() if name in columns})
        if not is_conversational(row):
            continue
        out = apply_chat_template(row, chatml)
        if "messages" in row:
            assert out["text"] == f"{chat(prompt)}{answers['completion']}<|im_end|>\n"
            continue
        assert out["prompt"] == chat(prompt), out["prompt"][:200]
        for name in ("chosen", "rejected", "completion"):
            if name in out:
                assert out[name] == f"{answers[name]}<|im_end|>\n", (name, out[name][:200])
    return ", through trl.data_utils"


def openrlhf(name, rows, wheels):
    reward, sft, prompts = bypass.openrlhf(wheels)
    template = tokenizer(CHATML).apply_chat_template
    for row, (prompt, answers) in rows:
        if name in ("openrlhf-rm", "openrlhf-dpo"):
            asked, chosen, rejected, margin = reward(row, prompt_key="prompt", apply_chat_template=template)
            assert (asked, chosen) == (chat(prompt), f"{answers['chosen']}<|im_end|>\n")
            assert rejected == f"{answers['rejected']}<|im_end|>\n" and margin == row.get("margin", 0)
        elif name == "openrlhf-sft":
            asked, answer = sft(row, input_key="input", apply_chat_template=template)
            assert (asked, answer) == (chat(prompt), f"{answers['completion']}<|im_end|>\n")
        else:
            asked, label = prompts(row, input_key="input", label_key="answer", apply_chat_template=template)
            assert (asked, label) == (chat(prompt), answers["reference"])
    return ", through openrlhf.datasets"


def axolotl(name, rows, wheels):
    templates, chatml, kto = bypass.axolotl(wheels)
    config = {"datasets": [{}]}
    if name == "axolotl-dpo":
        transform, _ = templates.default(config)
        for template in (CHATML, TRIMMING):
            token = tokenizer(template)
            for row, (prompt, answers) in rows:
                made = transform(dict(row), tokenizer=token)
                assert (made["chosen"], made["rejected"]) == tuple(
                    f"{answers[side]}<|im_end|>" for side in ("chosen", "rejected")), made["chosen"][:200]
                assert template is TRIMMING or made["prompt"] == chat(prompt)
        return ", through axolotl chat_template with two templates"
    if name == "axolotl-intel":
        transform = chatml.intel(config)
    elif name == "axolotl-kto":
        transform = kto.prompt_pairs(config)
    elif name == "axolotl-bt":
        return bradley_terry(rows)
    else:
        return ""
    for row, (prompt, answers) in rows:
        made = transform(dict(row))
        assert made["prompt"] == chat(prompt)
        for side in ("chosen", "rejected", "completion"):
            assert side not in answers or made[side] == f"{answers[side]}<|im_end|>"
    return f", through axolotl {name.split('-')[1]}"


def bradley_terry(rows):
    """Needs torch to run; what it takes from a row is `system`, which may be empty, `input` and the two answers."""
    assert all(set(row) == {"system", "input", "chosen", "rejected"} for row, _ in rows)
    return ""


def llamafactory(out, report, loaded, expected, wheels):
    parser, converter = bypass.llamafactory(wheels)
    info = json.loads(Path(out, "dataset_info.json").read_text())
    assert info and len(info) == len({file["split"] for file in report["files"]})
    for key, entry in info.items():
        attributes = parser.get_dataset_list([key], str(out))[0]
        place = Path(out, entry["file_name"])
        files = sorted(place.iterdir()) if place.is_dir() else [place]
        convert = converter.get_dataset_converter(
            attributes.formatting, attributes, types.SimpleNamespace(media_dir=""))
        for path in files:
            for row, (prompt, answers) in zip(loaded[path], expected[path.name]):
                compare(convert(dict(row)), prompt, answers)
    return ", through llamafactory.data.converter"


def compare(made, prompt, answers):
    said = [(message["role"], message["content"]) for message in made["_prompt"]]
    system = [("system", made["_system"])] if made["_system"] else []
    assert system + said == prompt, (system + said, prompt)
    texts = [message["content"] for message in made["_response"]]
    if "label" in answers:
        assert texts == ([answers["completion"], ""] if answers["label"] else ["", answers["completion"]])
    elif "chosen" in answers:
        assert texts == [answers["chosen"], answers["rejected"]]
    else:
        assert texts == [answers["completion"]]


def mlx(out, expected, wheels):
    loader = bypass.mlx(wheels)
    names = ("train.jsonl", "valid.jsonl", "test.jsonl")
    sets = loader.load_local_dataset(Path(out), None, types.SimpleNamespace())
    for name, made in zip(names, sets):
        wanted = expected.get(name, [])
        assert len(made) == len(wanted), name
        for number, (prompt, answers) in enumerate(wanted):
            turns = [(turn["role"], turn["content"]) for turn in made[number]["messages"]]
            assert turns == [*prompt, ("assistant", answers["completion"])]
    return ", through mlx_lm.tuner.datasets"


def together(loaded, wheels):
    checker = bypass.together(wheels)
    for path in loaded:
        said = checker.check_file(path)
        assert said["is_check_passed"], said
        assert said["num_samples"] == len(loaded[path])
    return ", through together.utils.files"


def verl(loaded, expected):
    """verl reads Parquet with pandas."""
    import pandas
    for path in loaded:
        frame = pandas.read_parquet(path, dtype_backend="pyarrow")
        column = "messages" if "messages" in frame.columns else "prompt"
        for turns, (prompt, answers) in zip(frame[column], expected[path.name]):
            said = [(turn["role"], turn["content"]) for turn in turns]
            wanted = prompt + ([("assistant", answers["completion"])] if "completion" in answers else [])
            assert said == wanted
    return ", through pandas"


def hub(out, report, loaded):
    """The folder as `load_dataset` and Croissant read it."""
    import tempfile

    import datasets
    whole = datasets.load_dataset(str(out), cache_dir=tempfile.mkdtemp())
    for split in {file["split"] for file in report["files"]}:
        rows = [row for path, rows in loaded.items() if path.name.startswith(f"{split}-") for row in rows]
        assert list(whole[split]) == rows, split
    try:
        import mlcroissant
    except ImportError:
        return ", through load_dataset(FOLDER); mlcroissant is not here"
    described = mlcroissant.Dataset(jsonld=str(Path(out, "croissant.json")))
    for record_set in described.metadata.record_sets:
        path = next(path for path in loaded if path.name.startswith(record_set.id.split("/")[0]))
        records = list(described.records(record_set=record_set.id))
        assert len(records) == len(loaded[path])
        for record, row in zip(records, loaded[path]):
            croissant(record, row, record_set.id)
    return ", through load_dataset(FOLDER) and mlcroissant"


def croissant(record, row, set_id):
    for name, value in row.items():
        got = record[f"{set_id}/{name}"]
        if isinstance(value, list) and isinstance(value[0], dict):
            got = [{key.split("/")[-1]: text(part) for key, part in turn.items()} for turn in got]
        elif isinstance(value, list):
            got = [text(part) for part in got]
        else:
            got = text(got)
        assert got == value, (name, got, value)


def text(value):
    return value.decode() if isinstance(value, bytes) else value
