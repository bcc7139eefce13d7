//! Items of the store as rows of input, so that the panel can go through them again.

use rewardctl_store::open::Store;
use rewardctl_store::read::StoredItem;
use serde_json::{Value, json};

use crate::error::Error;

/// Items that are read at a time.
const PAGE: usize = 500;

/// Returns a row for every labelled item, and for others as long as these have no more than `unlabelled` responses, in
/// the order in which they came.
pub async fn spool(store: &Store, unlabelled: usize) -> Result<Vec<Value>, Error> {
    let (mut rows, mut after, mut others) = (vec![], -1, 0);
    loop {
        let page = store.items(after, PAGE).await?;
        let Some(last) = page.last() else { return Ok(rows) };
        after = last.seq;
        for item in page.iter().filter(|item| !item.responses.is_empty()) {
            let is_wanted = !item.labels.is_empty() || others + item.responses.len() <= unlabelled;
            if item.labels.is_empty() && is_wanted {
                others += item.responses.len();
            }
            rows.extend(is_wanted.then(|| row(item)));
        }
    }
}

fn row(item: &StoredItem) -> Value {
    let response = |response: &rewardctl_store::read::StoredResponse| match &response.generator {
        Some(model) => json!({"text": response.text, "model": model}),
        None => json!({"text": response.text}),
    };
    let responses: Vec<Value> = item.responses.iter().map(response).collect();
    let mut row = json!({"prompt": item.context.prompt, "responses": responses});
    if let Some(reference) = &item.context.reference {
        row["reference"] = json!(reference);
    }
    if !item.context.documents.is_empty() {
        row["documents"] = json!(item.context.documents);
    }
    row
}
