//! Labels that an input file brings along in a field of its own: ratings, or which response is better.

use std::collections::BTreeMap;

use rewardctl_core::item::Item;
use serde_json::Value;

/// The fields that are looked for unless the user names one.
pub const LABEL_FIELDS: [&str; 4] = ["rating", "ratings", "winner", "gold"];

/// What a row's label field says.
#[derive(Debug, Clone, PartialEq)]
pub enum Given {
    /// The place of the better response; None for a tie.
    Winner(Option<usize>),
    /// How good each response is.
    Ratings(Vec<Rated>),
    /// Something that is neither.
    Unread,
}

/// Ratings of one response, on a scale that the file does not say: only their order counts.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Rated {
    /// As a whole.
    pub overall: Option<f64>,
    /// By dimension.
    pub dimensions: BTreeMap<String, f64>,
}

/// Reads the first of `fields` that the row has; None if it has none.
pub fn given(item: &Item, fields: &[String]) -> Option<Given> {
    let row: Value = serde_json::from_str(&item.metadata).ok()?;
    let there = fields.iter().find_map(|field| at_path(&row, field).filter(|value| !value.is_null()));
    there.map(|value| read(value, item).unwrap_or(Given::Unread))
}

fn at_path<'v>(row: &'v Value, path: &str) -> Option<&'v Value> {
    row.get(path).or_else(|| path.split('.').try_fold(row, |value, key| value.get(key)))
}

fn read(value: &Value, item: &Item) -> Option<Given> {
    let count = item.responses.len();
    match value {
        Value::String(name) if count > 1 => winner(name, item).map(Given::Winner),
        Value::Array(list) if list.len() == count => {
            list.iter().map(rated).collect::<Option<_>>().map(Given::Ratings)
        }
        one if count == 1 => rated(one).map(|rated| Given::Ratings(vec![rated])),
        _ => None,
    }
}

/// Reads `a`, `model_a`, `response_b` or `tie`; `a` is the first response, whatever the input calls it.
fn winner(name: &str, item: &Item) -> Option<Option<usize>> {
    let name = name.trim().to_lowercase();
    if name.starts_with("tie") || matches!(name.as_str(), "equal" | "both" | "draw") {
        return Some(None);
    }
    let side = name.strip_prefix("model_").or_else(|| name.strip_prefix("response_")).unwrap_or(&name);
    let by_role = item.responses.iter().position(|response| response.role.as_deref() == Some(side));
    let mut letters = side.chars();
    let by_letter = match (letters.next(), letters.next()) {
        (Some(letter @ 'a'..='z'), None) => Some(letter as usize - 'a' as usize),
        _ => None,
    };
    by_role.or(by_letter).filter(|at| *at < item.responses.len()).map(Some)
}

fn rated(value: &Value) -> Option<Rated> {
    match value {
        Value::Number(number) => Some(Rated { overall: number.as_f64(), ..Rated::default() }),
        Value::Null => Some(Rated::default()),
        Value::Object(fields) => {
            let numbers = fields.iter().filter_map(|(name, value)| Some((name.clone(), value.as_f64()?)));
            let dimensions: BTreeMap<String, f64> = numbers.collect();
            (!dimensions.is_empty()).then_some(Rated { overall: None, dimensions })
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use rewardctl_core::item::{Context, Response};

    use super::*;

    fn item(roles: &[&str], metadata: &str) -> Item {
        let response =
            |role: &&str| Response { text: "x".into(), generator: None, role: Some(role.to_string()) };
        let context = Context { prompt: vec![], reference: None, documents: vec![] };
        let responses = roles.iter().map(response).collect();
        Item { name: None, context, responses, metadata: metadata.into() }
    }

    fn read_as(roles: &[&str], metadata: &str, field: &str) -> Option<Given> {
        given(&item(roles, metadata), &[field.to_owned()])
    }

    #[test]
    fn winners_are_named_in_many_ways() {
        let sides = ["a", "b"];
        for (said, winner) in
            [("a", Some(0)), ("model_b", Some(1)), ("B", Some(1)), ("tie (both good)", None)]
        {
            let metadata = format!("{{\"winner\":\"{said}\"}}");
            assert_eq!(read_as(&sides, &metadata, "winner"), Some(Given::Winner(winner)), "{said}");
        }
        for wrong in ["\"c\"", "\"full\"", "1", "[1]", "{\"a\":1}"] {
            assert_eq!(
                read_as(&sides, &format!("{{\"winner\":{wrong}}}"), "winner"),
                Some(Given::Unread),
                "{wrong}"
            );
        }
    }

    #[test]
    fn ratings_come_alone_in_lists_and_by_dimension() {
        let overall = |value| Rated { overall: Some(value), ..Rated::default() };
        let metadata = r#"{"rating":4,"gold":{"style":2,"note":"x"},"list":[1,2.5]}"#;
        assert_eq!(read_as(&["a"], metadata, "rating"), Some(Given::Ratings(vec![overall(4.0)])));
        assert_eq!(read_as(&["a"], metadata, "gold.style"), Some(Given::Ratings(vec![overall(2.0)])));
        let both = vec![overall(1.0), overall(2.5)];
        assert_eq!(read_as(&["a", "b"], metadata, "list"), Some(Given::Ratings(both)));
        let style = Rated { overall: None, dimensions: [("style".into(), 2.0)].into() };
        assert_eq!(read_as(&["a"], metadata, "gold"), Some(Given::Ratings(vec![style])));
        assert_eq!(read_as(&["a"], metadata, "none"), None);
        assert_eq!(read_as(&["a"], "", "rating"), None);
    }
}
