"""What each target's rows mean, read back from its columns: a prompt as (role, text) pairs, and what is learnt."""


def turns(messages, role="role", content="content", names=None):
    names = names or {}
    return [(names.get(message[role], message[role]), message[content]) for message in messages]


def asked(text, system=""):
    return ([("system", system)] if system else []) + [("user", text)]


def one(messages):
    assert len(messages) == 1 and messages[0]["role"] == "assistant", messages
    return messages[0]["content"]


def last(conversation):
    assert conversation[-1][0] == "assistant", conversation[-1]
    return conversation[:-1], conversation[-1][1]


def pair(prompt, chosen, rejected):
    return prompt, {"chosen": chosen, "rejected": rejected}


def implicit(row):
    (prompt, chosen), (again, rejected) = last(turns(row["chosen"])), last(turns(row["rejected"]))
    assert prompt == again
    return pair(prompt, chosen, rejected)


def sft(conversation):
    prompt, completion = last(conversation)
    return prompt, {"completion": completion}


def kto(conversation, label):
    prompt, completion = last(conversation)
    return prompt, {"completion": completion, "label": label}


def gemini(contents, system):
    names = {"model": "assistant"}
    said = [(names.get(content["role"], content["role"]), content["parts"][0]["text"]) for content in contents]
    return ([("system", system["parts"][0]["text"])] if system else []) + said


def transcript(text):
    assert text.startswith("Human: ") and text.endswith("\n\nAssistant:"), text[:40]
    text = "\n\n" + text[:-len("\n\nAssistant:")]
    said = []
    for part in text.split("\n\nHuman: ")[1:]:
        user, *answer = part.split("\n\nAssistant: ")
        said += [("user", user)] + [("assistant", one) for one in answer]
    return said


SHAREGPT = {"human": "user", "gpt": "assistant"}


def sharegpt(row):
    return sft(turns(row["conversations"], "from", "value", SHAREGPT))


def messages_sft(row):
    return sft(turns(row["messages"]))


def trl_dpo(row):
    return pair(turns(row["prompt"]), one(row["chosen"]), one(row["rejected"]))


def preferred(row):
    prompt = turns(row["input"]["messages"])
    return pair(prompt, one(row["preferred_output"]), one(row["non_preferred_output"]))


def stepwise(row):
    return asked(row["prompt"]), {"completions": list(row["completions"]), "labels": list(row["labels"])}


def prompt_only(row):
    return turns(row["prompt"]), {}


def ranked(row):
    first, second = sorted(row["completions"], key=lambda one: one["rank"])
    return pair(turns(row["context"]), one(first["completion"]), one(second["completion"]))


def scored(row):
    first, second = row["completions"]
    assert (first["score"], second["score"]) == (1, 0)
    texts = [one["completion"]["parts"][0]["text"] for one in (first, second)]
    return pair(gemini(row["contents"], row.get("system_instruction")), *texts)


def nemo_response(row):
    return asked(row["input"]), {"output": row["output"]}


def verl_rl(row):
    model = row["reward_model"]
    assert row["data_source"] == "rewardctl" and model["style"] == ("rule" if model["ground_truth"] else "model")
    return turns(row["prompt"]), {"reference": model["ground_truth"]}


# Name, kind of dataset, what is written, flags, how a row reads.
TARGETS = [
    ("trl-dpo", "dpo", "out.jsonl", "", trl_dpo),
    ("trl-dpo", "dpo", "out.parquet", "", trl_dpo),
    ("trl-dpo", "dpo", "out.jsonl.gz", "", trl_dpo),
    ("trl-dpo", "dpo", "out.jsonl.zst", "", trl_dpo),
    ("trl-dpo", "dpo", "out.jsonl", "--shards 3", trl_dpo),
    ("trl-dpo", "dpo", "out.parquet", "--shard-rows 7", trl_dpo),
    ("trl-dpo", "dpo", "out.jsonl", "--with-metadata --strength-columns --split all", trl_dpo),
    ("trl-dpo", "dpo", "out.jsonl", "--plain",
     lambda row: pair(asked(row["prompt"]), row["chosen"], row["rejected"])),
    ("trl-reward", "dpo", "out.jsonl", "", implicit),
    ("trl-reward", "dpo", "out.jsonl", "--strength-columns", implicit),
    ("trl-kto", "kto", "out.jsonl", "",
     lambda row: (turns(row["prompt"]), {"completion": one(row["completion"]), "label": row["label"]})),
    ("trl-kto", "kto", "out.parquet", "--plain",
     lambda row: (asked(row["prompt"]), {"completion": row["completion"], "label": row["label"]})),
    ("trl-prompts", "prompts", "out.jsonl", "", prompt_only),
    ("trl-prompts", "prompts", "out.jsonl", "--plain", lambda row: (asked(row["prompt"]), {})),
    ("trl-grpo", "prompts", "out.jsonl", "",
     lambda row: (turns(row["prompt"]), {"reference": row["solution"]})),
    ("trl-sft", "sft", "out.jsonl", "", messages_sft),
    ("prompt-completion", "sft", "out.jsonl", "",
     lambda row: (turns(row["prompt"]), {"completion": one(row["completion"])})),
    ("prompt-completion", "sft", "out.parquet", "--plain",
     lambda row: (asked(row["prompt"]), {"completion": row["completion"]})),
    ("trl-stepwise", "stepwise", "out.jsonl", "", stepwise),
    ("openrlhf-sft", "sft", "out.jsonl", "", lambda row: sft(turns(row["input"]))),
    ("openrlhf-rm", "dpo", "out.jsonl", "--strength-columns", trl_dpo),
    ("openrlhf-dpo", "dpo", "out.parquet", "", trl_dpo),
    ("openrlhf-prompts", "prompts", "out.jsonl", "",
     lambda row: (turns(row["input"]), {"reference": row["answer"]})),
    ("axolotl-dpo", "dpo", "out.jsonl", "",
     lambda row: pair(turns(row["messages"]), one([row["chosen"]]), one([row["rejected"]]))),
    ("axolotl-intel", "dpo", "out.jsonl", "",
     lambda row: pair(asked(row["question"], row["system"]), row["chosen"], row["rejected"])),
    ("axolotl-bt", "dpo", "out.jsonl", "",
     lambda row: pair(asked(row["input"], row["system"]), row["chosen"], row["rejected"])),
    ("axolotl-kto", "kto", "out.jsonl", "",
     lambda row: (asked(row["prompt"], row["system"]), {"completion": row["completion"], "label": row["label"]})),
    ("axolotl-stepwise", "stepwise", "out.jsonl", "", stepwise),
    ("axolotl-sft", "sft", "out.jsonl", "--shards 2", messages_sft),
    ("llamafactory-alpaca", "sft", "out", "",
     lambda row: (asked(row["instruction"], row["system"]), {"completion": row["output"]})),
    ("llamafactory-alpaca-dpo", "dpo", "out", "",
     lambda row: pair(asked(row["instruction"], row["system"]), row["chosen"], row["rejected"])),
    ("llamafactory-alpaca-kto", "kto", "out", "",
     lambda row: (asked(row["instruction"], row["system"]), {"completion": row["output"], "label": row["kto_tag"]})),
    ("llamafactory-sharegpt", "sft", "out", "--shards 2", lambda row: sft(turns(row["conversations"]))),
    ("llamafactory-sharegpt-dpo", "dpo", "out", "",
     lambda row: pair(turns(row["conversations"]), one([row["chosen"]]), one([row["rejected"]]))),
    ("llamafactory-sharegpt-kto", "kto", "out", "--format parquet",
     lambda row: kto(turns(row["conversations"]), row["kto_tag"])),
    ("unsloth-sft", "sft", "out.jsonl", "", sharegpt),
    ("verl-rl", "prompts", "out.parquet", "", verl_rl),
    ("verl-sft", "sft", "out.parquet", "--shards 2", messages_sft),
    ("ms-swift-dpo", "dpo", "out.jsonl", "--strength-columns",
     lambda row: pair(*last(turns(row["messages"])), row["rejected_response"])),
    ("ms-swift-kto", "kto", "out.jsonl", "", lambda row: kto(turns(row["messages"]), row["label"])),
    ("ms-swift-sft", "sft", "out.jsonl", "", messages_sft),
    ("ms-swift-prompts", "prompts", "out.jsonl", "",
     lambda row: (turns(row["messages"]), {"reference": row["solution"]})),
    ("nemo-rl-preference", "dpo", "out.jsonl", "", ranked),
    ("nemo-rl-binary", "dpo", "out.jsonl", "",
     lambda row: pair(turns(row["prompt"]), row["chosen"], row["rejected"])),
    ("nemo-rl-response", "sft", "out.jsonl", "", nemo_response),
    ("nemo-rl-response", "prompts", "out.jsonl", "", nemo_response),
    ("mlx", "sft", "out", "", messages_sft),
    ("openai-sft", "sft", "out.jsonl", "", messages_sft),
    ("openai-preference", "dpo", "out.jsonl", "", preferred),
    ("openai-rft", "prompts", "out.jsonl", "",
     lambda row: (turns(row["messages"]), {"reference": row["reference_answer"]})),
    ("together", "dpo", "out.jsonl", "", preferred),
    ("fireworks", "dpo", "out.jsonl", "", preferred),
    ("vertex-preference", "dpo", "out.jsonl", "", scored),
    ("vertex-sft", "sft", "out.jsonl", "",
     lambda row: sft(gemini(row["contents"], row.get("systemInstruction")))),
    ("bedrock-messages", "sft", "out.jsonl", "",
     lambda row: sft(([("system", row["system"])] if row.get("system") else []) + turns(row["messages"]))),
    ("input-output", "sft", "out.jsonl", "",
     lambda row: (transcript(row["input"]), {"completion": row["output"]})),
    ("alpaca", "sft", "out.jsonl", "", lambda row: (asked(row["instruction"]), {"completion": row["output"]})),
    ("sharegpt", "sft", "out.jsonl", "", sharegpt),
    ("hf", "dpo", "out", "--strength-columns", trl_dpo),
    ("hf", "kto", "out", "--with-metadata",
     lambda row: (turns(row["prompt"]), {"completion": one(row["completion"]), "label": row["label"]})),
    ("hf", "sft", "out", "--shards 2", messages_sft),
    ("hf", "prompts", "out", "", lambda row: (turns(row["prompt"]), {"reference": row["reference"]})),
    ("hf", "rollouts", "out", "",
     lambda row: (turns(row["prompt"]),
                  {"completion": one(row["completion"]), "reward": row["reward"], "lower": row["lower"]})),
    ("hf", "stepwise", "out", "", stepwise),
]


def meant(row, target):
    """What a row of the dataset means to this target, told without its columns."""
    prompt = [(message["role"], message["content"]) for message in row["prompt"]]
    (kind, example), = row["example"].items()
    if kind == "unpaired":
        return prompt, {"completion": example["completion"], "label": example["desirable"]}
    if kind == "prompt":
        if target in ("trl-prompts",):
            return prompt, {}
        name = "output" if target == "nemo-rl-response" else "reference"
        return prompt, {name: example["reference"] or ""}
    if kind == "demonstration" and target == "nemo-rl-response":
        return prompt, {"output": example["completion"]}
    if target == "axolotl-dpo":
        # Its answers are trimmed, and the export says so.
        return prompt, {name: text.strip() for name, text in example.items()}
    return prompt, dict(example)
