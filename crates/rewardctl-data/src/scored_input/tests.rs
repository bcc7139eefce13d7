use rewardctl_core::item::Context;

use super::*;

fn read(text: &str) -> Result<ScoredInput, Vec<RowError>> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("scored.jsonl");
    std::fs::write(&path, text).unwrap();
    let files = [(path, "scored.jsonl".to_owned())];
    read_scored(&files, &ReadSettings::default(), 2, folder.path()).unwrap()
}

#[test]
fn responses_to_one_prompt_come_together() {
    let input = read(
        r#"{"prompt":"a","response":"é","reward":0.5,"model":"m"}
{"prompt":[{"role":"user","content":"b"}],"response":"y","reward":null,"uncertainty":{"total":0.1},"route":"review"}

{"prompt":"a","response":"z","reward":1,"uncertainty":0.2,"prompt_id":7,"extra":[{"a":1}]}
{"prompt":"a","response":"z","reward":1}
"#,
    )
    .ok()
    .unwrap();
    let counts: Vec<usize> = input.prompts().map(<[_]>::len).collect();
    assert_eq!((counts, input.repeated), (vec![2, 1], 1));
    let [first, second, third] = input.entries() else { unreachable!("three") };
    let texts = input.texts(first).unwrap();
    assert_eq!((texts.response.as_str(), texts.generator.as_deref()), ("é", Some("m")));
    assert_eq!((second.reward, second.deviation), (Some(1.0), Some(0.2)));
    assert_eq!((third.reward, third.accepted, third.deviation), (None, false, Some(0.1)));
    assert_eq!(input.texts(third).unwrap().prompt, [Message::user("b")]);
    assert_eq!(
        first.item,
        Context::id(&Context { prompt: vec![Message::user("a")], reference: None, documents: vec![] })
    );
}

#[test]
fn bad_rows_are_named() {
    let bad =
        read("{\"prompt\":\"a\",\"response\":\"b\",\"reward\":1}\n{\"prompt\":\"a\",\"reward\":1}\n{oops\n")
            .err()
            .unwrap();
    let bad: Vec<String> = bad.iter().map(ToString::to_string).collect();
    assert!(bad[0].starts_with("scored.jsonl:2: field `response`"), "{bad:?}");
    assert!(bad[1].starts_with("scored.jsonl:3: not valid JSON"), "{bad:?}");
    let kinds = read("{\"prompt\":\"a\",\"response\":\"b\",\"reward\":true}\n").err().unwrap();
    assert!(kinds[0].to_string().contains("`reward`"), "{kinds:?}");
}

#[test]
fn the_order_of_threads_does_not_matter() {
    let lines: String = (0..9_000)
        .map(|n| {
            format!(
                "{{\"prompt\":\"{}\",\"response\":\"{n} {}\",\"reward\":{n}}}\n",
                n % 1_000,
                "x".repeat(400)
            )
        })
        .collect();
    let (a, b) = (read(&lines).ok().unwrap(), read(&lines).ok().unwrap());
    assert_eq!(a.entries(), b.entries());
    assert_eq!(a.prompts().count(), 1_000);
    assert_eq!(a.texts(&a.entries()[1]).unwrap().response[..5], "1000 "[..]);
}
