//! What is typed on a task and not decided, as the store and the page keep it.

use serde_json::{Value, json};

/// What is typed on a task and not decided.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Draft {
    /// The note that goes with the next decision.
    pub note: String,
    /// The tags that go with the next decision.
    pub tags: Vec<String>,
    /// A correction that was begun: of which place, and its text.
    pub begun: Option<(usize, String)>,
}

impl Draft {
    /// Reads what was kept; nothing of what is no draft.
    pub fn read(body: Option<&str>) -> Self {
        let kept: Value = body.and_then(|body| serde_json::from_str(body).ok()).unwrap_or_default();
        let tags = kept["tags"].as_array().map(|tags| tags.iter().filter_map(Value::as_str));
        let place = kept["place"].as_u64().and_then(|place| usize::try_from(place).ok()).unwrap_or(0);
        Self {
            note: kept["note"].as_str().unwrap_or("").into(),
            tags: tags.map(|tags| tags.map(String::from).collect()).unwrap_or_default(),
            begun: kept["text"].as_str().map(|text| (place, text.into())),
        }
    }

    /// Returns it as it is kept.
    pub fn body(&self) -> String {
        let (place, text) = self.begun.as_ref().map(|(place, text)| (*place, text)).unzip();
        json!({ "note": self.note, "tags": self.tags, "place": place, "text": text }).to_string()
    }
}
