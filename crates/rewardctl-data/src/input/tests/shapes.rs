use serde_json::Value;

use super::*;
use crate::atomic::Sink;
use crate::fields::FieldMap;
use crate::parquet_write::{Column, Kind, Table};

fn check_row(row: Value, shape: &str, expected: &str) {
    let told = read("f.jsonl", row.to_string().as_bytes(), &ReadSettings::default());
    assert_eq!(told, [format!("f.jsonl: JSONL, {shape}"), format!("1: {expected}")]);
}

fn with_fields(fields: FieldMap) -> ReadSettings {
    ReadSettings { fields, ..ReadSettings::default() }
}

#[test]
fn prompt_and_response_under_many_names() {
    check_row(json!({"prompt": "p", "response": "r"}), "prompt + response (prompt, response)", "user=p -> r");
    check_row(json!({"prompt": "p", "response": ""}), "prompt + response (prompt, response)", "user=p -> ");
    check_row(
        json!({"instruction": "Add.", "input": "2 2", "output": "4"}),
        "prompt + response (instruction, output)",
        "user=Add.\n\n2 2 -> 4",
    );
    check_row(
        json!({"instruction": "Go.", "input": "", "output": "4"}),
        "prompt + response (instruction, output)",
        "user=Go. -> 4",
    );
    check_row(
        json!({"id": 7, "question": "q", "answer": "a", "target": 4, "model": "m", "contexts": ["d", "e"], "x": [1, null]}),
        "prompt + response (question, answer, id, target, contexts, model)",
        r#"user=q -> a (m) id=7 reference=4 documents=d|e more={"x":[1,null]}"#,
    );
    check_row(
        json!({"question": "q", "answers": ["yes", "no"], "response": "a"}),
        "prompt + response (question, response)",
        r#"user=q -> a more={"answers":["yes","no"]}"#,
    );
}

#[test]
fn a_prompt_is_enough_where_responses_are_yet_to_come() {
    let check = |row: Value, shape: &str, expected: &str| {
        let settings = ReadSettings { expect: Expect::Prompts, ..ReadSettings::default() };
        let told = read("f.jsonl", row.to_string().as_bytes(), &settings);
        assert_eq!(told, [format!("f.jsonl: JSONL, {shape}"), format!("1: {expected}")]);
    };
    let alone = "prompts without responses";
    check(json!({"prompt": "p"}), &format!("{alone} (prompt)"), "user=p");
    check(
        json!({"question": "q", "expected": "4", "model": "m"}),
        &format!("{alone} (question, expected, model)"),
        r#"user=q reference=4 more={"model":"m"}"#,
    );
    let user = json!({"role": "user", "content": "u"});
    check(json!({"messages": [user]}), "chat messages (messages)", "user=u");
    check(
        json!({"messages": [user, {"role": "assistant", "content": "r"}]}),
        "chat messages (messages)",
        "user=u -> r",
    );
    check(json!({"prompt": "p", "response": null}), "prompt + response (prompt, response)", "user=p");
    check(
        json!({"prompt": "p", "responses": []}),
        "prompt + several responses (prompt, responses)",
        "user=p",
    );
    check(json!({"prompt": "p", "response": "r"}), "prompt + response (prompt, response)", "user=p -> r");
}

#[test]
fn prompts_and_responses_may_be_messages() {
    let user =
        json!({"role": "user", "content": [{"type": "text", "text": "a"}, {"type": "text", "text": "b"}]});
    let assistant = json!({"role": "assistant", "content": "r"});
    let shape = "prompt + response (prompt, completion)";
    check_row(json!({"prompt": [user], "completion": [assistant]}), shape, "user=ab -> r");
    check_row(json!({"prompt": [user], "completion": assistant}), shape, "user=ab -> r");
    check_row(json!({"messages": [user, assistant]}), "chat messages (messages)", "user=ab -> r");
    check_row(
        json!({"conversations": [{"from": "human", "value": "p"}, {"from": "gpt", "value": "r"}]}),
        "chat messages (conversations)",
        "user=p -> r",
    );
    check_row(
        json!({"messages": [user], "response": "r"}),
        "prompt + response (messages, response)",
        "user=ab -> r",
    );
}

#[test]
fn several_responses() {
    check_row(
        json!({"prompt": "p", "responses": ["r", "s"], "models": ["m", "n"]}),
        "prompt + several responses (prompt, responses, models)",
        "user=p -> r (m) -> s (n)",
    );
    check_row(
        json!({"instruction": "p", "completions": [{"model": "m", "response": "r", "score": 9}, {"response": "s"}]}),
        "prompt + several responses (instruction, completions)",
        r#"user=p -> r (m) -> s more={"completions":[{"score":9},{}]}"#,
    );
    check_row(
        json!({"prompt": "p", "response_a": "r", "response_b": "s", "model_b": "n", "model_a": "m"}),
        "prompt + responses side by side (prompt, response_a, response_b)",
        "user=p -> r (a m) -> s (b n)",
    );
    check_row(
        json!({"instruction": "p", "output_1": "r", "output_2": "s", "generator_1": "m", "generator_2": "n"}),
        "prompt + responses side by side (instruction, output_1, output_2)",
        "user=p -> r (a m) -> s (b n)",
    );
    check_row(
        json!({"context": [{"role": "user", "content": "p"}], "response1": "r", "response2": "s"}),
        "prompt + responses side by side (context, response1, response2)",
        "user=p -> r (a) -> s (b)",
    );
    check_row(
        json!({"question": "p", "answer_0": "r", "answer_1": "s", "answer_2": "t"}),
        "prompt + responses side by side (question, answer_0, answer_1, answer_2)",
        "user=p -> r (a) -> s (b) -> t (c)",
    );
}

#[test]
fn pairs() {
    let turn = |role: &str, content: &str| json!({"role": role, "content": content});
    let (user, good, bad) = (turn("user", "p"), turn("assistant", "r"), turn("assistant", "s"));
    let expected = "user=p -> r (chosen) -> s (rejected)";
    let with_prompt = "chosen/rejected pairs (prompt, chosen, rejected)";
    check_row(json!({"prompt": "p", "chosen": "r", "rejected": "s"}), with_prompt, expected);
    check_row(json!({"prompt": [user], "chosen": [good], "rejected": [bad]}), with_prompt, expected);
    check_row(json!({"prompt": "p", "chosen": [user, good], "rejected": [user, bad]}), with_prompt, expected);
    check_row(
        json!({"chosen": [user, good], "rejected": [user, bad]}),
        "chosen/rejected pairs (chosen, rejected)",
        expected,
    );
    check_row(
        json!({"chosen": "\n\nHuman: p\n\nAssistant: Hello!", "rejected": "\n\nHuman: p\n\nAssistant: Hey."}),
        "chosen/rejected pairs (chosen, rejected)",
        "user=p -> Hello! (chosen) -> Hey. (rejected)",
    );
    check_row(
        json!({"prompt": "p", "chosen": "r", "rejected": "s", "chosen_model": "m", "model_rejected": "n"}),
        with_prompt,
        "user=p -> r (chosen m) -> s (rejected n)",
    );
}

#[test]
fn given_names_come_first() {
    let row =
        json!({"prompt": "no", "response": "no", "doc": {"q": "p", "n": 1}, "outs": ["r", "s"]}).to_string();
    let fields =
        FieldMap { prompt: Some("doc.q".into()), responses: Some("outs".into()), ..FieldMap::default() };
    assert_eq!(
        read("f.jsonl", row.as_bytes(), &with_fields(fields)),
        [
            "f.jsonl: JSONL, prompt + several responses (doc.q, outs)",
            r#"1: user=p -> r -> s more={"prompt":"no","response":"no","doc":{"q":null,"n":1}}"#
        ]
    );
    let fields = FieldMap { response: Some("text".into()), ..FieldMap::default() };
    assert_eq!(
        read("f.jsonl", b"{\"prompt\":\"p\",\"response\":\"r\"}", &with_fields(fields)),
        [
            "`f.jsonl:1` has no field `text`, only `prompt`, `response`",
            "hint: name one of these with the flag"
        ]
    );
}

#[test]
fn a_cell_of_a_list_that_the_user_names_is_json() {
    let fields = FieldMap { responses: Some("outs".into()), ..FieldMap::default() };
    assert_eq!(
        read("f.csv", b"prompt,outs\np,\"[\"\"r\"\", \"\"s\"\"]\"\n", &with_fields(fields)),
        ["f.csv: CSV, prompt + several responses (prompt, outs)", "2: user=p -> r -> s"]
    );
}

/// The rows of [`every_format_gives_the_same_items`]: one file each.
fn samples() -> Vec<Vec<Value>> {
    let chat = json!([{"role": "user", "content": "p\n\"q\""}, {"role": "assistant", "content": "r, é"}]);
    vec![
        vec![
            json!({"id": "1", "prompt": "p\r\n\"quoted\", \\ and }{][", "response": "", "note": "n"}),
            json!({"id": "2", "prompt": "q", "response": "[1, 2]", "note": ""}),
        ],
        vec![json!({"prompt": "p", "responses": ["r", "s"], "documents": ["d", "e"], "models": ["m", "n"]})],
        vec![
            json!({"prompt": "p", "candidates": [{"text": "r", "model": "m"}, {"text": "s", "model": "n"}]}),
        ],
        vec![json!({"messages": chat})],
        vec![json!({"prompt": "p", "chosen": "r", "rejected": "s"})],
        vec![json!({"chosen": chat, "rejected": chat})],
        vec![json!({"prompt": "p", "response_a": "r", "response_b": "s", "reference": "t"})],
    ]
}

#[test]
fn every_format_gives_the_same_items() {
    for rows in samples() {
        let jsonl = rows.iter().map(|row| format!("{row}\n")).collect::<String>();
        let pretty = rows.iter().map(|row| format!("{row:#}\n")).collect::<String>();
        let files = [
            ("f.jsonl", jsonl.clone().into_bytes()),
            ("f.txt", format!("\u{feff}\r\n{}", jsonl.replace('\n', "\r\n\r\n")).into_bytes()),
            ("f.json", json!(rows).to_string().into_bytes()),
            ("f.json", format!("{:#}", json!(rows)).into_bytes()),
            ("f.json", pretty.into_bytes()),
            ("f.json", jsonl.replace('\n', "").into_bytes()),
            ("f.csv", csv_of(&rows, ',')),
            ("f.tsv", csv_of(&rows, '\t')),
            ("f", csv_of(&rows, ';')),
        ];
        let expected = items("f.jsonl", jsonl.as_bytes());
        for (name, content) in files {
            for compression in [Compression::None, Compression::Gzip, Compression::Zstd] {
                let packed = compressed::pack(&content, compression);
                let shown = String::from_utf8_lossy(&content);
                assert_eq!(items(name, &packed), expected, "{name} {compression:?} {shown}");
            }
        }
        assert_eq!(items("f.parquet", &parquet_of(&rows)), expected, "{rows:?}");
    }
}

fn csv_of(rows: &[Value], separator: char) -> Vec<u8> {
    let mut writer = csv::WriterBuilder::new().delimiter(separator as u8).from_writer(vec![]);
    let fields = |row: &Value| row.as_object().unwrap().clone();
    writer.write_record(fields(&rows[0]).keys()).unwrap();
    for row in rows {
        let cell = |value: &Value| value.as_str().map_or(value.to_string(), String::from);
        writer.write_record(fields(row).values().map(cell)).unwrap();
    }
    writer.into_inner().unwrap()
}

fn parquet_of(rows: &[Value]) -> Vec<u8> {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("f.parquet");
    let Kind::Object(columns) = kind_of(&rows[0]) else { panic!("not a row") };
    let mut table = Table::new(Sink::create(&path).unwrap(), &columns).unwrap();
    for row in rows {
        table.write(row, 0).unwrap();
    }
    table.finish().unwrap().finish().unwrap();
    fs::read(path).unwrap()
}

fn kind_of(value: &Value) -> Kind {
    match value {
        Value::Array(list) => Kind::List(Box::new(kind_of(&list[0]))),
        Value::Object(fields) => {
            Kind::Object(fields.iter().map(|(name, value)| Column::new(name, kind_of(value))).collect())
        }
        Value::Number(_) => Kind::Float,
        Value::Bool(_) => Kind::Bool,
        Value::String(_) | Value::Null => Kind::Text,
    }
}
