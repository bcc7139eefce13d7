use std::fs;

use tempfile::TempDir;

use super::*;
use crate::parquet_read::ParquetRows;

fn pair() -> PairRow {
    PairRow { prompt: vec![Message::user("p")], chosen: "r".into(), rejected: "s".into() }
}

const PAIR: &str = r#"{"prompt":[{"role":"user","content":"p"}],"chosen":[{"role":"assistant","content":"r"}],"rejected":[{"role":"assistant","content":"s"}]}"#;

#[test]
fn pairs_and_prompts_have_exactly_their_columns() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("pairs.jsonl");
    assert_eq!(write_trl_dpo(&path, [pair(), pair()].into_iter().map(Ok::<_, Error>)).unwrap(), 2);
    assert_eq!(fs::read_to_string(&path).unwrap(), format!("{PAIR}\n{PAIR}\n"));
    write_trl_prompts(&path, [Ok::<_, Error>(pair().prompt)].into_iter()).unwrap();
    assert_eq!(fs::read_to_string(&path).unwrap(), "{\"prompt\":[{\"role\":\"user\",\"content\":\"p\"}]}\n");
}

#[test]
fn parquet_when_the_name_says_so() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("pairs.parquet");
    write_trl_dpo(&path, [Ok::<_, Error>(pair())].into_iter()).unwrap();
    let row = ParquetRows::open(&path, &path, 1 << 20).unwrap().next_record().unwrap().unwrap();
    assert_eq!(serde_json::Value::Object(row.fields).to_string(), PAIR);
}

#[test]
fn no_row_no_file() {
    let folder = TempDir::new().unwrap();
    for name in ["pairs.jsonl", "pairs.parquet"] {
        assert_eq!(
            write_trl_dpo(&folder.path().join(name), std::iter::empty::<Result<_, Error>>()).unwrap(),
            0
        );
    }
    assert_eq!(fs::read_dir(&folder).unwrap().count(), 0);
}

#[test]
fn provenance_lies_beside() {
    let folder = TempDir::new().unwrap();
    write_provenance(&folder.path().join("pairs.parquet"), [Ok::<_, Error>((1, "x"))].into_iter()).unwrap();
    let text = fs::read_to_string(folder.path().join("pairs.parquet.provenance.jsonl")).unwrap();
    assert_eq!(text, "[1,\"x\"]\n");
}
