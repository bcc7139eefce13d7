//! Clean files have no finding at all: of each target, and as other tools write them.

use super::{found, settings};
use crate::lint::target;

const CHAT: &str =
    r#"{"messages":[{"role":"user","content":"Name a prime."},{"role":"assistant","content":"Seven."}]}"#;
const DPO: &str = r#"{"prompt":[{"role":"user","content":"Name a prime."}],"chosen":[{"role":"assistant","content":"Seven."}],"rejected":[{"role":"assistant","content":"Nine."}]}"#;
const STEPS: &str = r#"{"prompt":"Is 51 prime?","completions":["5+1=6, so 3 divides 51.","Therefore 51 is prime."],"labels":[true,false]}"#;
const OPENAI: &str = r#"{"input":{"messages":[{"role":"user","content":"Name a prime."}]},"preferred_output":[{"role":"assistant","content":"Seven."}],"non_preferred_output":[{"role":"assistant","content":"Nine."}]}"#;

/// One clean row for each target.
fn row(target: &str) -> &'static str {
    match target {
        "trl-dpo" | "openrlhf-dpo" => DPO,
        "trl-kto" => {
            r#"{"prompt":[{"role":"user","content":"Name a prime."}],"completion":[{"role":"assistant","content":"Nine."}],"label":false}"#
        }
        "trl-reward" | "axolotl-orpo" => {
            r#"{"chosen":[{"role":"user","content":"Name a prime."},{"role":"assistant","content":"Seven."}],"rejected":[{"role":"user","content":"Name a prime."},{"role":"assistant","content":"Nine."}]}"#
        }
        "trl-prompts" => r#"{"prompt":[{"role":"user","content":"Is 51 prime?"}],"solution":"No"}"#,
        "trl-sft" | "verl-sft" | "mlx" | "openai-sft" => CHAT,
        "trl-stepwise" | "axolotl-stepwise" => STEPS,
        "openrlhf-prompts" => {
            r#"{"input":[{"role":"user","content":"Is 51 prime?"}],"answer":"No","datasource":"primes"}"#
        }
        "llamafactory-alpaca" => r#"{"instruction":"Name a prime.","input":"","output":"Seven."}"#,
        "llamafactory-alpaca-dpo" => {
            r#"{"instruction":"Name a prime.","input":"","chosen":"Seven.","rejected":"Nine."}"#
        }
        "llamafactory-alpaca-kto" => {
            r#"{"instruction":"Name a prime.","input":"","output":"Nine.","kto_tag":false}"#
        }
        "llamafactory-sharegpt" => {
            r#"{"conversations":[{"from":"human","value":"Name a prime."},{"from":"gpt","value":"Seven."}]}"#
        }
        "llamafactory-sharegpt-dpo" => {
            r#"{"conversations":[{"role":"user","content":"Name a prime."}],"chosen":{"role":"assistant","content":"Seven."},"rejected":{"role":"assistant","content":"Nine."}}"#
        }
        "llamafactory-sharegpt-kto" => {
            r#"{"conversations":[{"role":"user","content":"Name a prime."},{"role":"assistant","content":"Nine."}],"kto_tag":false}"#
        }
        "verl-rl" => {
            r#"{"data_source":"demo/primes","prompt":[{"role":"user","content":"Is 51 prime?"}],"ability":"math","reward_model":{"style":"rule","ground_truth":"No"},"extra_info":{"split":"train","index":0}}"#
        }
        "nemo-rl" => {
            r#"{"context":[{"role":"user","content":"Name a prime."}],"completions":[{"rank":0,"completion":[{"role":"assistant","content":"Seven."}]},{"rank":1,"completion":[{"role":"assistant","content":"Nine."}]}]}"#
        }
        "ms-swift-dpo" => {
            r#"{"messages":[{"role":"user","content":"Name a prime."},{"role":"assistant","content":"Seven."}],"rejected_response":"Nine."}"#
        }
        "ms-swift-kto" => {
            r#"{"messages":[{"role":"user","content":"Name a prime."},{"role":"assistant","content":"Nine."}],"label":false}"#
        }
        "axolotl-intel" => r#"{"system":"","question":"Name a prime.","chosen":"Seven.","rejected":"Nine."}"#,
        "axolotl-bt" => r#"{"system":"","input":"Name a prime.","chosen":"Seven.","rejected":"Nine."}"#,
        "axolotl-chat-template" => {
            r#"{"messages":[{"role":"user","content":"Name a prime."}],"chosen":{"role":"assistant","content":"Seven."},"rejected":{"role":"assistant","content":"Nine."}}"#
        }
        "axolotl-ultra" => {
            r#"{"prompt":"Name a prime.","chosen":[{"role":"user","content":"Name a prime."},{"role":"assistant","content":"Seven."}],"rejected":[{"role":"user","content":"Name a prime."},{"role":"assistant","content":"Nine."}]}"#
        }
        "openai-preference" | "together" | "fireworks" => OPENAI,
        "openai-rft" => r#"{"messages":[{"role":"user","content":"Is 51 prime?"}],"reference_answer":"No"}"#,
        "bedrock-messages" => {
            r#"{"system":"Be brief.","messages":[{"role":"user","content":"Name a prime."},{"role":"assistant","content":"Seven."}]}"#
        }
        "vertex-preference" => {
            r#"{"contents":[{"role":"user","parts":[{"text":"Name a prime."}]}],"completions":[{"score":1,"completion":{"role":"model","parts":[{"text":"Seven."}]}},{"score":0,"completion":{"role":"model","parts":[{"text":"Nine."}]}}]}"#
        }
        other => panic!("there is no clean row for `{other}`"),
    }
}

#[test]
fn a_clean_file_of_every_target_has_no_finding() {
    for target in target::all() {
        let name = match target.name {
            "mlx" => "train.jsonl",
            // Only Parquet is read there; its name is not what this test is about.
            "verl-sft" => "x.jsonl.parquet",
            _ => "x.jsonl",
        };
        let found = found(name, format!("{}\n", row(target.name)), &settings(Some(target.name), &[]));
        assert_eq!(found, Vec::<String>::new(), "{}", target.name);
    }
}

#[test]
fn a_clean_file_of_every_shape_needs_no_target() {
    for target in target::all().filter(|target| target.name != "axolotl-ultra") {
        let found = found("x.jsonl", format!("{}\n", row(target.name)), &settings(None, &[]));
        assert_eq!(found, Vec::<String>::new(), "{}", target.name);
    }
}

#[track_caller]
fn check(name: &str, text: &str, expected: &[&str]) {
    assert_eq!(found(name, text, &settings(None, &[])), expected);
}

#[test]
fn transcripts_lack_a_prompt_and_nothing_else() {
    let row = r#"{"chosen":"\n\nHuman: Name a prime.\n\nAssistant: Seven.","rejected":"\n\nHuman: Name a prime.\n\nAssistant: Nine."}"#;
    check("hh.jsonl", row, &["S03:1"]);
}

#[test]
fn binarized_sets_repeat_the_prompt() {
    let row = r#"{"prompt":"Name a prime.","prompt_id":"1","chosen":[{"role":"user","content":"Name a prime."},{"role":"assistant","content":"Seven."}],"rejected":[{"role":"user","content":"Name a prime."},{"role":"assistant","content":"Nine."}],"messages":[{"role":"user","content":"Name a prime."},{"role":"assistant","content":"Seven."}],"score_chosen":8.0,"score_rejected":4.5}"#;
    check("train_prefs.jsonl", row, &["S02:1", "S13:1"]);
}

#[test]
fn instructions_and_conversations_are_clean_in_every_format() {
    check(
        "alpaca.json",
        "[\n {\"instruction\":\"Add.\",\"input\":\"1, 2\",\"output\":\"3\"},\n {\"instruction\":\"Add.\",\"input\":\"2, 2\",\"output\":\"4\"}\n]\n",
        &[],
    );
    check(
        "sharegpt.json",
        r#"[{"id":"a","conversations":[{"from":"human","value":"Hi"},{"from":"gpt","value":"Hello."},{"from":"human","value":"Bye"},{"from":"gpt","value":"Bye."}]}]"#,
        &[],
    );
    check("x.csv", "\u{feff}prompt,chosen,rejected\r\n\"a, b\",c,\"d\ne\"\r\nf,g,h\r\n", &["F01:1"]);
    check("x.tsv", "prompt\tcompletion\tlabel\na\tb\tTrue\nc\td\tFalse\n", &[]);
    check(
        "tools.jsonl",
        r#"{"messages":[{"role":"user","content":"Dim the lamp"},{"role":"assistant","content":"","tool_calls":[{"type":"function","function":{"name":"dim","arguments":"{}"}}]}],"tools":"[]"}"#,
        &[],
    );
}

#[test]
fn packed_files_are_read() {
    use crate::compressed::pack;
    use crate::format::Compression;
    for compression in [Compression::Gzip, Compression::Zstd] {
        let packed = pack(format!("{DPO}\n{}\n", DPO.replace("Nine", "Seven")).as_bytes(), compression);
        let found = found("x.jsonl.packed", packed, &settings(None, &["S01"]));
        assert_eq!(found, ["S01:2"]);
    }
}
