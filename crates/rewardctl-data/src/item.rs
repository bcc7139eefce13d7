//! Makes an item of a row.

use rewardctl_core::item::{Context, Item, Message, Response};
use serde_json::Value;

use crate::chat::{conversation, prompt, split_response};
use crate::fields::{Expect, FieldMap, Role};
use crate::json::{Fields, drop_spent, get_mut};
use crate::layout::{Layout, Responses, Side};
use crate::optional::{Optional, take_plain};
use crate::responses::{Given, response_list, response_text};
use crate::row_error::{Fault, RowProblem};
use crate::sides::read_sides;

/// Knows which fields of a row make its item.
#[derive(Debug, Clone)]
pub(crate) struct Reader {
    pub layout: Layout,
    optional: Optional,
    expect: Expect,
}

impl Reader {
    /// Finds out which fields of `row` hold what; None if it has not what is expected.
    pub(crate) fn detect(given: &FieldMap, expect: Expect, row: &Fields) -> Option<Self> {
        let layout = match expect {
            Expect::Responses => Layout::detect(given, row)?,
            Expect::Prompts => Layout::detect_prompt(given, row)?,
        };
        let optional = Optional::detect(given, row, &layout.fields());
        Some(Self { layout, optional, expect })
    }

    /// Returns the fields in use, of those that `row` has.
    pub(crate) fn fields(&self, row: &Fields) -> Vec<String> {
        let main = self.layout.fields().into_iter().map(String::from);
        main.chain(self.optional.fields(row)).collect()
    }

    /// Makes the item of `row`. What no field of the item takes is its metadata.
    pub(crate) fn item(&self, row: Fields) -> Result<Item, Fault> {
        let (item, further) = self.parts(row)?;
        let metadata = if further.is_empty() { String::new() } else { Value::Object(further).to_string() };
        Ok(Item { metadata, ..item })
    }

    /// Makes the item of `row`, and returns what no field of the item takes beside it.
    pub(crate) fn parts(&self, mut row: Fields) -> Result<(Item, Fields), Fault> {
        let name = self.optional.take_id(&mut row)?;
        let reference = self.optional.take_reference(&mut row)?;
        let documents = self.optional.take_documents(&mut row)?;
        let (prompt, mut responses) = self.take_texts(&mut row)?;
        if responses.iter().any(|response| response.generator.is_none()) {
            let generators = self.optional.take_generators(&mut row, responses.len())?;
            for (response, generator) in responses.iter_mut().zip(generators) {
                response.generator = response.generator.take().or(generator);
            }
        }
        let context = Context { prompt, reference, documents };
        Ok((Item { name, context, responses, metadata: String::new() }, row))
    }

    fn take_texts(&self, row: &mut Fields) -> Result<(Vec<Message>, Vec<Response>), Fault> {
        match &self.layout.responses {
            Responses::None => Ok((self.take_prompt(row)?, vec![])),
            Responses::Conversation(field) => {
                let turns = conversation(take(row, field), field);
                let taken = turns.and_then(|turns| self.part_conversation(turns, field));
                taken.map_err(|fault| fault.with_role(Role::Messages))
            }
            Responses::One(field) => {
                let prompt = self.take_prompt(row)?;
                let given = in_place(row, field, response_text).map(|given| vec![given]);
                Ok((prompt, self.given(given, Role::Response)?))
            }
            Responses::List(field) => {
                let prompt = self.take_prompt(row)?;
                let given = in_place(row, field, response_list);
                Ok((prompt, self.given(given, Role::Responses)?))
            }
            Responses::Sides(sides) => self.take_sides(row, sides),
        }
    }

    /// Parts a conversation into the prompt and the response that ends it.
    fn part_conversation(
        &self,
        turns: Vec<Message>,
        field: &str,
    ) -> Result<(Vec<Message>, Vec<Response>), Fault> {
        let waits = turns.last().is_some_and(|last| last.role != "assistant");
        if waits && self.expect == Expect::Prompts {
            return Ok((turns, vec![]));
        }
        let (prompt, text) = split_response(turns, field)?;
        if prompt.is_empty() {
            return Err(Fault::of_field(field, RowProblem::NoPrompt));
        }
        Ok((prompt, vec![Response { text, generator: None, role: None }]))
    }

    /// Returns the responses of a row; none are there yet where a prompt is enough.
    fn given(&self, given: Result<Vec<Given>, Fault>, role: Role) -> Result<Vec<Response>, Fault> {
        let is_absent = |fault: &Fault| matches!(fault.problem, RowProblem::Missing | RowProblem::Empty);
        match (given, self.expect) {
            (Ok(given), Expect::Responses) => Ok(given.into_iter().map(response).collect()),
            (Ok(given), Expect::Prompts) => {
                let has_text = |given: &Given| !given.text.trim().is_empty();
                Ok(given.into_iter().filter(has_text).map(response).collect())
            }
            (Err(fault), Expect::Prompts) if is_absent(&fault) => Ok(vec![]),
            (Err(fault), _) => Err(fault.with_role(role)),
        }
    }

    fn take_prompt(&self, row: &mut Fields) -> Result<Vec<Message>, Fault> {
        let field = self.layout.prompt.as_deref().unwrap_or("prompt");
        let mut turns = prompt(take(row, field), field).map_err(|fault| fault.with_role(Role::Prompt))?;
        // An instruction may come with an input of its own, which may be empty.
        if field == "instruction"
            && let Some(Value::String(input)) = row.get("input")
        {
            if let (false, Some(turn)) = (input.is_empty(), turns.last_mut()) {
                turn.content = format!("{}\n\n{input}", turn.content);
            }
            row.shift_remove("input");
        }
        Ok(turns)
    }

    fn take_sides(&self, row: &mut Fields, sides: &[Side]) -> Result<(Vec<Message>, Vec<Response>), Fault> {
        let prompt = match self.take_prompt(row) {
            Err(fault) if fault.problem != RowProblem::Missing => return Err(fault),
            taken_or_missing => taken_or_missing,
        };
        let values = sides.iter().map(|side| take(row, &side.field)).collect();
        let (prompt, texts) = read_sides(prompt, sides, values)?;
        let mut responses = vec![];
        for (side, text) in sides.iter().zip(texts) {
            let generator = take_plain(row, &side.generators, Role::Generator)?;
            responses.push(Response { text, generator, role: Some(side.name.into()) });
        }
        Ok((prompt, responses))
    }
}

fn response(given: Given) -> Response {
    Response { text: given.text, generator: given.generator, role: None }
}

/// Takes the value at `path` out of the row; null if there is none.
fn take(row: &mut Fields, path: &str) -> Value {
    let value = get_mut(row, path).map(Value::take).unwrap_or_default();
    drop_spent(row, path);
    value
}

/// Lets `read` take what it needs of the value at `path`; what it leaves stays in the row.
fn in_place<T>(
    row: &mut Fields,
    path: &str,
    read: fn(&mut Value, &str) -> Result<T, Fault>,
) -> Result<T, Fault> {
    let given = match get_mut(row, path) {
        Some(value) => read(value, path),
        None => read(&mut Value::Null, path),
    };
    drop_spent(row, path);
    given
}
