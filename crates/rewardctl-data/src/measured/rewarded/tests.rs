use std::io::Write;

use super::*;

fn read(suffix: &str, text: &str) -> Vec<Result<RewardedRow, String>> {
    let mut file = tempfile::NamedTempFile::with_suffix(suffix).unwrap();
    file.write_all(text.as_bytes()).unwrap();
    let rows = read_rewarded(file.path(), "r").unwrap();
    rows.map(|row| row.map(|(_, row)| row).map_err(|error| error.to_string())).collect()
}

const SCORED: &str = r#"{"id":"a","source":"x.jsonl","row":3,"item_id":"i","response_id":"r","generator":"m","reward":0.5,"no_reward":"","dimensions":{"style":0.4,"accuracy":null},"uncertainty":{"total":0.1},"utility":null,"verdicts":[{"critic":"c","dimension":"style","outcome":"scored","score":0.4,"method":""},{"critic":"d","dimension":"accuracy","outcome":"failed","method":"single"}],"versions":{"panel":"v1"},"topic":"cats"}
"#;

#[test]
fn rows_of_score_are_read() {
    let row = read(".jsonl", SCORED).remove(0).unwrap();
    assert_eq!((row.id.as_deref(), row.item.as_str(), row.response.as_str()), (Some("a"), "i", "r"));
    assert_eq!(row.source, Some(("x.jsonl".into(), 3)));
    assert_eq!(row.dimensions, [("accuracy".into(), None), ("style".into(), Some(0.4))].into());
    assert_eq!(row.failed, [("accuracy".to_owned(), "d".to_owned())]);
    assert!(row.by_llm && !row.by_fit);
    assert_eq!((row.reward, row.uncertainty, row.version.as_deref()), (Some(0.5), Some(0.1), Some("v1")));
    assert_eq!(text_at(&row.fields, "topic").as_deref(), Some("cats"));
}

#[test]
fn a_table_says_the_same() {
    let table = "id,source,row,item_id,response_id,generator,reward,dimensions.style,dimensions.accuracy,uncertainty.total,verdicts,versions.panel,topic\n\
        a,x.jsonl,3,i,r,m,0.5,0.4,,0.1,\"[{\"\"critic\"\":\"\"d\"\",\"\"dimension\"\":\"\"accuracy\"\",\"\"outcome\"\":\"\"failed\"\",\"\"method\"\":\"\"single\"\"}]\",v1,cats\n";
    let (json, table) = (read(".jsonl", SCORED).remove(0).unwrap(), read(".csv", table).remove(0).unwrap());
    assert_eq!(
        RewardedRow { fields: Fields::new(), verdicts: 1, ..json },
        RewardedRow { fields: Fields::new(), ..table }
    );
}

#[test]
fn a_verdict_that_neither_scored_nor_abstained_has_failed() {
    let read_verdicts = |verdicts: &str| {
        let line =
            format!("{{\"item_id\":\"i\",\"response_id\":\"r\",\"reward\":0.9,\"verdicts\":[{verdicts}]}}\n");
        read(".jsonl", &line).remove(0)
    };
    for bad in [
        r#"{"critic":"c","dimension":"d","outcome":"error"}"#,
        r#"{"critic":"c","dimension":"d","outcome":"FAILED","score":0.5}"#,
        r#"{"critic":"c","dimension":"d","outcome":"timeout"}"#,
        r#"{"critic":"c","dimension":"d","outcome":"scored","score":null}"#,
        r#"{"critic":"c","dimension":"d"}"#,
    ] {
        assert_eq!(read_verdicts(bad).unwrap().failed, [("d".to_owned(), "c".to_owned())], "{bad}");
    }
    let row = read_verdicts(r#"{"critic":"c","dimension":"d","outcome":"abstained"}"#).unwrap();
    assert!(row.failed.is_empty() && row.abstained.contains("d"));
    for bad in [r#""failed""#, "7", r#"{"outcome":"scored","score":7}"#] {
        assert!(read_verdicts(bad).unwrap_err().contains("verdicts[0]"), "{bad}");
    }
}

#[test]
fn a_row_that_is_no_line_is_none() {
    for row in ["0", "-5", "1e300", "2.5"] {
        let line = format!(
            "{{\"item_id\":\"i\",\"response_id\":\"r\",\"reward\":0.9,\"source\":\"x\",\"row\":{row}}}\n"
        );
        assert_eq!(read(".jsonl", &line).remove(0).unwrap().source, None, "{row}");
    }
}

#[test]
fn texts_name_what_has_no_id() {
    let rows = read(
        ".jsonl",
        "{\"prompt\":\"p\",\"response\":\"aé\",\"reward\":1}\n{\"prompt\":[{\"role\":\"user\",\"content\":\"p\"}],\"response\":\"b\",\"reward\":null}\n",
    );
    let (one, other) = (rows[0].as_ref().unwrap(), rows[1].as_ref().unwrap());
    assert_eq!((&one.item, one.length), (&other.item, Some(2)));
    assert_ne!(one.response, other.response);
    assert_eq!((one.reward, other.reward), (Some(1.0), None));
}

#[test]
fn what_cannot_be_a_reward_is_refused() {
    for (line, said) in [
        (r#"{"item_id":"i","response_id":"r","reward":2}"#, "reward"),
        (r#"{"item_id":"i","response_id":"r","reward":"good"}"#, "reward"),
        (r#"{"item_id":"i","reward":0.5}"#, "response"),
        (r#"{"response":"r","reward":0.5}"#, "prompt"),
        (r#"{"item_id":"i","response_id":"r","reward":0.5,"dimensions":{"style":-1}}"#, "dimensions.style"),
        (r#"{"item_id":"i","response_id":"r","reward":0.5,"verdicts":7}"#, "verdicts"),
        (r#"{"item_id":"i","response_id":"r","reward":0.5,"uncertainty":-0.1}"#, "uncertainty"),
    ] {
        let bad = read(".jsonl", &format!("{line}\n")).remove(0).unwrap_err();
        assert!(bad.contains(said), "{bad}");
    }
}

#[test]
fn fields_are_numbers_where_they_can_be() {
    let fields = crate::json::parse(br#"{"a":"1.5","b":true,"c":"x","d":null}"#, 0).ok().unwrap();
    let Value::Object(fields) = fields else { panic!("an object") };
    assert_eq!((number_at(&fields, "a"), number_at(&fields, "b")), (Ok(Some(1.5)), Ok(Some(1.0))));
    assert!(number_at(&fields, "c").is_err());
    assert_eq!((number_at(&fields, "d"), number_at(&fields, "e")), (Ok(None), Ok(None)));
}
