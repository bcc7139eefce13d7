//! OpenAssistant: trees of messages, nested in one row each or as flat rows that name their parent. Answers to one
//! message are the responses of an item, and their ranks, 0 being the best, become comparisons.

use rewardctl_core::item::Message;
use serde_json::{Map, Value};

use crate::json::Fields;
use crate::row_error::{Fault, RowProblem};
use crate::sources::companions::{Companions, name};
use crate::sources::field::{as_object, has, inside, missing, number, plain, response, text, unfit};
use crate::sources::found::several;
use crate::sources::said::{ranking, the_file};
use crate::sources::{Aid, Family, Found, RowsMean, Yields};

const MESSAGE: &str = "OpenAssistant message";
const REPLY: &str = "OpenAssistant reply to";
/// More turns than any conversation has: a chain that is longer runs in a circle.
const DEEPEST: usize = 1_000;

pub(super) const FAMILIES: &[Family] = &[
    Family {
        name: "oasst-trees",
        title: "OpenAssistant trees",
        fields: &["prompt", "replies"],
        signature: |row| {
            row.contains_key("message_tree_id")
                && row
                    .get("prompt")
                    .is_some_and(|prompt| prompt.get("replies").is_some() || prompt.get("role").is_some())
        },
        read: tree,
        yields: Yields::Items,
        rows: RowsMean::Alone,
        lookup: None,
    },
    Family {
        name: "oasst",
        title: "OpenAssistant messages",
        fields: &["message_id", "parent_id", "text"],
        signature: |row| has(row, &["message_id", "parent_id", "role", "text"]),
        read: flat,
        yields: Yields::Items,
        rows: RowsMean::Alone,
        lookup: Some(|row| {
            let named = |kind, key| plain(row, key).map(|id| name(kind, &id));
            named(MESSAGE, "message_id").into_iter().chain(named(REPLY, "parent_id")).collect()
        }),
    },
];

fn tree(row: Fields, _: &Aid) -> Result<Vec<Found>, Fault> {
    let root = as_object(row.get("prompt").unwrap_or(&Value::Null), "prompt")?;
    let mut items = vec![];
    descend(root, "prompt", &mut vec![], &mut items)?;
    Ok(items)
}

/// Adds the items of a message and of everything below it; `path` holds the turns above.
fn descend(node: &Fields, place: &str, path: &mut Vec<Message>, items: &mut Vec<Found>) -> Result<(), Fault> {
    if !is_kept(node) {
        return Ok(());
    }
    path.push(turn(node, place)?);
    let mut replies = vec![];
    if let Some(list) = node.get("replies").and_then(Value::as_array) {
        for (at, reply) in list.iter().enumerate() {
            replies.push((
                as_object(reply, &format!("{place}.replies[{at}]"))?,
                format!("{place}.replies[{at}]"),
            ));
        }
    }
    items.extend(item(node, path, &replies)?);
    for (reply, place) in replies {
        descend(reply, &place, path, items)?;
    }
    path.pop();
    Ok(())
}

/// A message of a person with answers is an item; one of the assistant is not.
fn item(node: &Fields, path: &[Message], replies: &[(&Fields, String)]) -> Result<Option<Found>, Fault> {
    let (mut responses, mut ranks, mut each) = (vec![], vec![], vec![]);
    for (reply, place) in replies.iter().filter(|(reply, _)| is_kept(reply)) {
        let turn = turn(reply, place)?;
        if turn.role == "assistant" {
            responses.push(response(turn.content, plain(reply, "model_name")));
            ranks.push(number(reply, "rank").map_err(|fault| inside(place, fault))?);
            let about = reply.iter().filter(|(key, _)| !matches!(key.as_str(), "text" | "replies" | "role"));
            each.push(about.map(|(key, value)| (key.clone(), value.clone())).collect::<Fields>());
        }
    }
    if responses.is_empty() || path.last().is_none_or(|last| last.role == "assistant") {
        return Ok(None);
    }
    let unranked = ranks.len() > 1 && ranks.iter().any(Option::is_none);
    let passed = if unranked { vec!["an answer has no rank"] } else { vec![] };
    let found = several(path.to_vec(), responses, Map::new()).named(plain(node, "message_id"));
    Ok(Some(Found { each, ..found }.saying(ranking(&ranks, &the_file())).passing_over(passed)))
}

fn turn(node: &Fields, place: &str) -> Result<Message, Fault> {
    let within = |fault| inside(place, fault);
    let role = match text(node, "role").map_err(within)?.as_str() {
        "prompter" => "user",
        "assistant" => "assistant",
        other => return Err(within(unfit("role", other, "`prompter` or `assistant`"))),
    };
    Ok(Message { role: role.into(), content: text(node, "text").map_err(within)? })
}

fn is_kept(node: &Fields) -> bool {
    let says = |key: &str, value: bool| node.get(key).and_then(Value::as_bool) == Some(value);
    !says("deleted", true) && !says("review_result", false)
}

/// Reads the answers to a message; the messages above it are looked up.
fn flat(row: Fields, aid: &Aid) -> Result<Vec<Found>, Fault> {
    if !is_kept(&row) {
        return Ok(Found::passed("a message was deleted or failed its review"));
    }
    let id = plain(&row, "message_id").ok_or_else(|| missing("message_id"))?;
    // A broken message is an error also where it is nobody's prompt.
    let role = turn(&row, "message")?.role;
    let replies: Vec<(&Fields, String)> =
        aid.others.all(REPLY, &id).iter().map(|reply| (reply.as_ref(), format!("reply of {id}"))).collect();
    if role == "assistant" || replies.is_empty() {
        return Ok(vec![]);
    }
    match above(&row, &aid.others)? {
        Some(path) => Ok(item(&row, &path, &replies)?.into_iter().collect()),
        None => Ok(Found::passed("a message was deleted or failed its review")),
    }
}

/// Returns the turns up to this message; None where one of them does not count.
fn above(row: &Fields, others: &Companions) -> Result<Option<Vec<Message>>, Fault> {
    let mut path = vec![turn(row, "message")?];
    let mut node = row;
    while let Some(parent) = plain(node, "parent_id") {
        node = others.need(MESSAGE, &parent, "parent_id")?;
        if !is_kept(node) {
            return Ok(None);
        }
        if path.len() == DEEPEST {
            return Err(Fault::of_field("parent_id", RowProblem::TooDeep));
        }
        path.push(turn(node, "parent")?);
    }
    path.reverse();
    Ok(Some(path))
}
