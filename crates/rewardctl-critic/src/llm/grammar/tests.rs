use serde_json::json;

use super::*;

fn check(schema: Value, root: &str) {
    assert_eq!(of_schema(&schema).lines().next().unwrap(), format!("root ::= {root}"));
}

#[test]
fn a_verdict_is_written_field_by_field() {
    check(
        json!({"type": "object", "properties": {
            "score": {"anyOf": [{"type": "integer", "enum": [1, 2]}, {"type": "null"}]},
            "rationale": {"type": "string"},
        }}),
        r#""{" ws "\"score\"" ws ":" ws (("1" | "2") | "null") ws "," ws "\"rationale\"" ws ":" ws string ws "}""#,
    );
}

#[test]
fn literals_are_json_texts_with_their_quotes_and_backslashes_escaped() {
    check(json!({"enum": ["A", "a\"\\\n"]}), r#"("\"A\"" | "\"a\\\"\\\\\\n\"")"#);
    check(json!({"const": null}), r#""null""#);
}

#[test]
fn other_schemas_become_what_they_are_at_least() {
    check(json!({"type": ["number", "null"]}), r#"(number | "null")"#);
    check(
        json!({"type": "array", "items": {"type": "integer"}}),
        r#""[" ws (integer (ws "," ws integer)*)? ws "]""#,
    );
    check(json!({"type": "array"}), "array");
    check(json!({"type": "object"}), "object");
    check(json!({"$ref": "#/x"}), "any");
    check(json!(true), "any");
}
