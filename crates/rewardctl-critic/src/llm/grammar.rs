//! Grammars: a JSON schema in GBNF, the notation in which llama.cpp constrains an answer.
//!
//! Covers what answers of critics are made of: objects whose fields all stand in the order given, strings, numbers,
//! enums, alternatives and lists. Anything else becomes any JSON value, which the reader of the answer checks anyway.

use serde_json::Value;

/// At most one blank between tokens: a model that may write any number of them may never stop.
const SHARED: &str = r#"
ws ::= [ \n]?
string ::= "\"" ([^"\\\x00-\x1f] | "\\" (["\\/bfnrt] | "u" [0-9a-fA-F] [0-9a-fA-F] [0-9a-fA-F] [0-9a-fA-F]))* "\""
integer ::= "-"? ("0" | [1-9] [0-9]*)
number ::= integer ("." [0-9]+)?
boolean ::= "true" | "false"
object ::= "{" ws (string ws ":" ws any (ws "," ws string ws ":" ws any)*)? ws "}"
array ::= "[" ws (any (ws "," ws any)*)? ws "]"
any ::= object | array | string | number | boolean | "null"
"#;

/// Returns the grammar of the JSON texts that match `schema`.
pub(super) fn of_schema(schema: &Value) -> String {
    format!("root ::= {}{SHARED}", expression(schema))
}

fn expression(schema: &Value) -> String {
    if let Some(constant) = schema.get("const") {
        return literal(constant);
    }
    if let Some(values) = schema.get("enum").and_then(Value::as_array) {
        return alternatives(values.iter().map(literal));
    }
    if let Some(schemas) = ["anyOf", "oneOf"].iter().find_map(|name| schema.get(name)?.as_array()) {
        return alternatives(schemas.iter().map(expression));
    }
    match schema.get("type") {
        Some(Value::String(kind)) => typed(kind, schema),
        Some(Value::Array(kinds)) => {
            alternatives(kinds.iter().map(|kind| typed(kind.as_str().unwrap_or("any"), schema)))
        }
        _ => "any".into(),
    }
}

fn typed(kind: &str, schema: &Value) -> String {
    match kind {
        "object" => object(schema),
        "array" => schema.get("items").map_or("array".into(), array),
        "string" | "integer" | "number" | "boolean" => kind.into(),
        "null" => r#""null""#.into(),
        _ => "any".into(),
    }
}

fn object(schema: &Value) -> String {
    let Some(fields) =
        schema.get("properties").and_then(Value::as_object).filter(|fields| !fields.is_empty())
    else {
        return "object".into();
    };
    let field = |(name, schema): (&String, &Value)| {
        format!(r#"{} ws ":" ws {}"#, literal(&Value::from(name.as_str())), expression(schema))
    };
    let fields: Vec<String> = fields.iter().map(field).collect();
    format!(r#""{{" ws {} ws "}}""#, fields.join(r#" ws "," ws "#))
}

fn array(items: &Value) -> String {
    let item = expression(items);
    format!(r#""[" ws ({item} (ws "," ws {item})*)? ws "]""#)
}

fn alternatives(options: impl Iterator<Item = String>) -> String {
    format!("({})", options.collect::<Vec<_>>().join(" | "))
}

/// Returns the JSON text of `value` as a literal; the escapes of JSON strings are those of GBNF.
fn literal(value: &Value) -> String {
    Value::from(value.to_string()).to_string()
}

#[cfg(test)]
mod tests;
