use std::fs;

use tempfile::TempDir;

use super::*;

fn read(name: &str, content: &str, fields: &AnnotatorFields) -> Vec<String> {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join(name);
    fs::write(&path, content).unwrap();
    let rows = match read_annotators(&path, name, fields) {
        Ok(rows) => rows,
        Err(error) => return vec![error.to_string()],
    };
    let mut told = vec![rows.describe()];
    told.extend(rows.map(|row| match row {
        Ok((line, Some(row))) => format!("{line}: {}", shown(&row)),
        Ok((line, None)) => format!("{line}: no label"),
        Err(error) => error.to_string(),
    }));
    told
}

fn shown(row: &AnnotatorRow) -> String {
    let category = |one: &Option<Category>| match one {
        None => "–".into(),
        Some(Category { text, number: None }) => format!("`{text}`"),
        Some(Category { number: Some(number), .. }) => number.to_string(),
    };
    let dimension = row.dimension.as_deref().map(|name| format!(" on {name}")).unwrap_or_default();
    let gold = if row.gold.is_some() { format!(" gold {}", category(&row.gold)) } else { String::new() };
    format!("{} says {} of {}{dimension}{gold}", row.annotator, category(&row.label), row.item)
}

fn check(name: &str, content: &str, expected: &[&str]) {
    assert_eq!(read(name, content, &AnnotatorFields::default()), expected);
}

#[test]
fn known_names_are_found_and_texts_are_no_numbers() {
    check(
        "a.jsonl",
        "{\"item\":7,\"worker\":\"w1\",\"label\":\"1\",\"gold\":\"0\"}\n{\"item\":7,\"worker\":\"w2\",\"label\":true}\n\
         {\"item\":\"8\",\"worker\":\"w2\",\"label\":null}\n",
        &[
            "a.jsonl: item in `item`, annotator in `worker`, label in `label`",
            "1: w1 says `1` of 7 gold `0`",
            "2: w2 says `true` of 7",
            "3: w2 says – of 8",
        ],
    );
}

#[test]
fn cells_that_read_as_numbers_are_numbers() {
    check(
        "a.csv",
        "task,rater,score,dim\nx,a,4,style\nx,b,4.5,style\nx,c,nan,style\nx,d,good,\n",
        &[
            "a.csv: item in `task`, annotator in `rater`, label in `score`",
            "2: a says 4 of x on style",
            "3: b says 4.5 of x on style",
            "4: c says – of x on style",
            "5: d says `good` of x",
        ],
    );
}

#[test]
fn what_is_missing_is_named() {
    check(
        "a.jsonl",
        "{\"item\":1,\"label\":2}\n",
        &["`a.jsonl:1` has no field `annotator`, only `item`, `label`"],
    );
    let rows = "{\"item\":1,\"annotator\":\"a\",\"label\":2}\n{\"item\":1,\"annotator\":\"\",\"label\":2}\n\
                {\"item\":1,\"annotator\":\"b\",\"label\":[2]}\n{\"item\":1,\"annotator\":\"b\"}\n";
    let told = read("a.jsonl", rows, &AnnotatorFields::default());
    assert_eq!(
        told[2..],
        [
            "a.jsonl:2: field `annotator`: missing",
            "a.jsonl:3: field `label`: expected text, a number, true or false, found a list",
            "a.jsonl:4: field `label`: missing",
        ]
    );
}

#[test]
fn names_of_the_user_go_before() {
    let fields = AnnotatorFields { label: Some("said.grade".into()), ..AnnotatorFields::default() };
    let told =
        read("a.jsonl", "{\"item\":1,\"annotator\":\"a\",\"label\":2,\"said\":{\"grade\":3}}\n", &fields);
    assert_eq!(told[1], "1: a says 3 of 1");
}

#[test]
fn a_label_file_is_read_as_one() {
    let rows = r#"{"kind":"rate","item":"q","response":0,"value":4,"scale":{"min":1,"max":5},"dimension":"style","annotator":"ana"}
{"kind":"compare","item":"q","a":0,"b":1,"winner":"a","annotator":"ana"}
{"kind":"compare","item":"q","a":1,"b":0,"winner":"a","annotator":"ben"}
{"kind":"correct","item":"q","response":0,"text":"x","annotator":"ben"}
"#;
    check(
        "l.jsonl",
        rows,
        &[
            "l.jsonl: a label file",
            "1: ana says 4 of q/0 on style",
            "2: ana says `a` of q/0 or q/1 on preference",
            "3: ben says `b` of q/0 or q/1 on preference",
            "4: no label",
        ],
    );
}
