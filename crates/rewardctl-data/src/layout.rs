//! Which fields of a file hold what: found once, from its first rows, in a documented order.
//!
//! 1. The names that the user gives.
//! 2. `chosen` and `rejected`.
//! 3. A list of responses, or responses side by side.
//! 4. A conversation that ends with the response.
//! 5. A prompt and a response, under the names that are around.

use serde_json::Value;

use crate::chat::is_transcript;
use crate::fields::{FieldMap, Role};
use crate::json::{Fields, get};
use crate::shape::Shape;

const PROMPTS: [&str; 6] = ["prompt", "question", "instruction", "query", "input", "context"];
const CONVERSATIONS: [&str; 3] = ["messages", "conversations", "conversation"];
const RESPONSES: [&str; 6] = ["response", "output", "completion", "answer", "model_output", "generation"];
const RESPONSE_LISTS: [&str; 5] = ["responses", "candidates", "completions", "outputs", "answers"];
/// Fields that hold lists beside the responses, for cells of CSV files.
const OTHER_LISTS: [&str; 6] =
    ["documents", "contexts", "context_documents", "passages", "models", "generators"];
/// What comes before the numbers or letters of responses side by side.
const SIDE_STEMS: [&str; 5] = ["response", "output", "answer", "completion", "conversation"];
/// The first and the second side, and how far the series may go on.
const SIDE_SERIES: [[&str; 4]; 4] =
    [["_a", "_b", "_c", "_d"], ["_0", "_1", "_2", "_3"], ["_1", "_2", "_3", "_4"], ["1", "2", "3", "4"]];
/// What the responses of a series are called, whatever the file counts with.
const SIDE_ROLES: [&str; 4] = ["a", "b", "c", "d"];

/// Which fields hold the prompt and the responses.
#[derive(Debug, Clone)]
pub(crate) struct Layout {
    pub shape: Shape,
    /// None for conversations, and for pairs that repeat the prompt in each response.
    pub prompt: Option<String>,
    pub responses: Responses,
}

/// Where the responses are.
#[derive(Debug, Clone)]
pub(crate) enum Responses {
    /// Yet to come.
    None,
    One(String),
    List(String),
    Conversation(String),
    Sides(Vec<Side>),
}

/// One of several responses in fields of their own.
#[derive(Debug, Clone)]
pub(crate) struct Side {
    pub field: String,
    /// What the response is called: `chosen`, `a`.
    pub name: &'static str,
    pub role: Role,
    /// The fields that may name the model.
    pub generators: Vec<String>,
}

impl Layout {
    /// Finds the layout of `row`; None if it has no prompt with a response.
    pub(crate) fn detect(given: &FieldMap, row: &Fields) -> Option<Self> {
        given_layout(given, row)
            .or_else(|| pair(given, row))
            .or_else(|| response_list(given, row))
            .or_else(|| sides(given, row))
            .or_else(|| conversation(row))
            .or_else(|| one_response(given, row))
    }

    /// Finds the layout of `row`, which may have no response.
    pub(crate) fn detect_prompt(given: &FieldMap, row: &Fields) -> Option<Self> {
        let alone = || {
            let prompt = Some(prompt(given, row)?);
            Some(Self { shape: Shape::Prompt, prompt, responses: Responses::None })
        };
        Self::detect(given, row).or_else(alone)
    }

    /// Returns the fields in use, the prompt first.
    pub(crate) fn fields(&self) -> Vec<&str> {
        let prompt = self.prompt.iter().map(String::as_str);
        let responses = match &self.responses {
            Responses::None => vec![],
            Responses::One(field) | Responses::List(field) | Responses::Conversation(field) => {
                vec![field.as_str()]
            }
            Responses::Sides(sides) => sides.iter().map(|side| side.field.as_str()).collect(),
        };
        prompt.chain(responses).collect()
    }
}

/// Tells whether a field of this name holds a list.
pub(crate) fn is_list_name(name: &str) -> bool {
    RESPONSE_LISTS.contains(&name) || CONVERSATIONS.contains(&name) || OTHER_LISTS.contains(&name)
}

fn given_layout(given: &FieldMap, row: &Fields) -> Option<Layout> {
    let present = |role| given.get(role).filter(|name| get(row, name).is_some()).map(String::from);
    if given.chosen.is_some() || given.rejected.is_some() {
        return pair(given, row);
    }
    if given.messages.is_some() {
        let field = present(Role::Messages)?;
        return Some(Layout {
            shape: Shape::Messages,
            prompt: None,
            responses: Responses::Conversation(field),
        });
    }
    if given.responses.is_some() {
        let responses = Responses::List(present(Role::Responses)?);
        return Some(Layout { shape: Shape::PromptResponses, prompt: Some(prompt(given, row)?), responses });
    }
    given.response.as_ref()?;
    let responses = Responses::One(present(Role::Response)?);
    Some(Layout { shape: Shape::PromptResponse, prompt: Some(prompt(given, row)?), responses })
}

fn pair(given: &FieldMap, row: &Fields) -> Option<Layout> {
    let chosen = given.chosen.as_deref().unwrap_or("chosen");
    let rejected = given.rejected.as_deref().unwrap_or("rejected");
    let side = |field: &str, name, role, generators: [&str; 4]| Side {
        field: field.into(),
        name,
        role,
        generators: generators.map(String::from).into(),
    };
    let sides = vec![
        side(
            chosen,
            "chosen",
            Role::Chosen,
            ["model_chosen", "chosen_model", "generator_chosen", "chosen_generator"],
        ),
        side(
            rejected,
            "rejected",
            Role::Rejected,
            ["model_rejected", "rejected_model", "generator_rejected", "rejected_generator"],
        ),
    ];
    side_by_side(given, row, Shape::Pair, sides)
}

fn response_list(given: &FieldMap, row: &Fields) -> Option<Layout> {
    let is_list = |name: &&str| row.get(*name).is_some_and(Value::is_array);
    let field = RESPONSE_LISTS.into_iter().find(is_list)?;
    // Beside a response of its own, a list of answers is what a right one may say.
    if field == "answers" && RESPONSES.iter().any(|name| row.contains_key(*name)) {
        return None;
    }
    let prompt = prompt(given, row)?;
    Some(Layout {
        shape: Shape::PromptResponses,
        prompt: Some(prompt),
        responses: Responses::List(field.into()),
    })
}

fn sides(given: &FieldMap, row: &Fields) -> Option<Layout> {
    for stem in SIDE_STEMS {
        for series in SIDE_SERIES {
            let fields = series.iter().map(|end| format!("{stem}{end}"));
            let there: Vec<String> = fields.take_while(|field| row.contains_key(field)).collect();
            if there.len() < 2 {
                continue;
            }
            let side = |(at, field): (usize, String)| Side {
                generators: side_generators(SIDE_ROLES[at], series[at]),
                field,
                name: SIDE_ROLES[at],
                role: Role::Response,
            };
            let sides = there.into_iter().enumerate().map(side).collect();
            return side_by_side(given, row, Shape::Sides, sides);
        }
    }
    None
}

fn side_generators(name: &str, end: &str) -> Vec<String> {
    let mut names = vec![];
    for stem in ["generator", "model"] {
        names.extend([
            format!("{stem}_{name}"),
            format!("{stem}{end}"),
            format!("{stem}_{}", end.trim_start_matches('_')),
        ]);
    }
    names
}

/// Returns the layout if the prompt is there too: in its field, or in front of every response.
fn side_by_side(given: &FieldMap, row: &Fields, shape: Shape, sides: Vec<Side>) -> Option<Layout> {
    let values: Vec<&Value> = sides.iter().filter_map(|side| get(row, &side.field)).collect();
    let holds_prompt = |value: &&Value| value.is_array() || value.as_str().is_some_and(is_transcript);
    let prompt = prompt(given, row);
    let is_whole = values.len() == sides.len() && (prompt.is_some() || values.iter().all(holds_prompt));
    is_whole.then_some(Layout { shape, prompt, responses: Responses::Sides(sides) })
}

fn conversation(row: &Fields) -> Option<Layout> {
    let field = CONVERSATIONS.into_iter().find(|name| row.get(*name).is_some_and(Value::is_array))?;
    // A conversation that waits for an answer is the prompt of the response beside it.
    let last = row.get(field).and_then(Value::as_array).and_then(|turns| turns.last());
    let speaker = last.and_then(|turn| turn.get("role").or_else(|| turn.get("from"))).and_then(Value::as_str);
    let waits = matches!(speaker, Some("user" | "human" | "prompter" | "tool"));
    if waits && RESPONSES.iter().any(|name| row.contains_key(*name)) {
        return None;
    }
    Some(Layout { shape: Shape::Messages, prompt: None, responses: Responses::Conversation(field.into()) })
}

fn one_response(given: &FieldMap, row: &Fields) -> Option<Layout> {
    let prompt = prompt(given, row)?;
    let field = RESPONSES.into_iter().find(|name| row.contains_key(*name))?;
    Some(Layout {
        shape: Shape::PromptResponse,
        prompt: Some(prompt),
        responses: Responses::One(field.into()),
    })
}

fn prompt(given: &FieldMap, row: &Fields) -> Option<String> {
    if let Some(name) = &given.prompt {
        return get(row, name).map(|_| name.clone());
    }
    let conversation = |name: &&str| row.get(*name).is_some_and(Value::is_array);
    let named = PROMPTS.into_iter().find(|name| row.contains_key(*name));
    named.or_else(|| CONVERSATIONS.into_iter().find(conversation)).map(String::from)
}
