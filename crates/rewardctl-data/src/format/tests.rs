use super::*;

fn check(name: &str, head: &str, expected: Sniffed) {
    assert_eq!(sniff(head.as_bytes(), Path::new(name)), expected, "{head}");
}

#[test]
fn objects_on_lines_or_over_lines() {
    let (lines, json) = (Sniffed::Text(Format::Jsonl), Sniffed::Text(Format::Json));
    check("f", "{\"a\":1}\n{\"a\":2}", lines);
    check("f", "{\"a\":\"}{\"}", lines);
    check("f", "{\"a\":\"a line longer than the head", lines);
    check("f", "{\"a\": 1\n{\"a\":2}", lines);
    check("f", "{\"a\": \"broken\n{\"a\":2}", lines);
    check("f", "{\n \"a\":1}", json);
    check("f", "{\"a\": [\n{\"b\":2}]}", json);
    check("f", "{\"a\":1}{\"a\":2}", json);
    check("f", " [1]", json);
}

#[test]
fn cells_by_their_separator() {
    check("f.txt", "a\tb", Sniffed::Cells(Format::Tsv, b'\t'));
    check("f.tsv.gz", "a,b", Sniffed::Cells(Format::Tsv, b'\t'));
    check("f.csv", "a;b", Sniffed::Cells(Format::Csv, b';'));
    check("f.csv", "a", Sniffed::Cells(Format::Csv, b','));
    check("f.jsonl.zst", "oh", Sniffed::Text(Format::Jsonl));
}
