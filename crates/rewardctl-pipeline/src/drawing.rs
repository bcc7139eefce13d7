//! Drawing: one prompt is put to several endpoints, and each answer is a candidate or the reason why there is none.

use std::sync::Arc;

use futures_util::future::join_all;
use rewardctl_core::id::ContentId;
use rewardctl_core::item::{Context, Message};
use rewardctl_critic::llm::completion::{CallFailure, Choice, Completion, Finish, Retry};
use rewardctl_critic::llm::dialect::Dialect;
use rewardctl_critic::llm::request::{Ask, Form, Sampling};
use rewardctl_store::ledger::Purpose;

use crate::call::{Asking, Caller};
use crate::error::Error;
use crate::sample::SampleSettings;

/// The bits of a seed that endpoints are given.
const SEED_BITS: u64 = 0x7fff_ffff;

/// What cassettes and errors call who asks.
const LABEL: &str = "sample";

/// One answer to a prompt.
#[derive(Debug, Clone, PartialEq)]
pub enum Answered {
    /// A whole text.
    Whole(String),
    /// A text that ran out of tokens.
    Cut(String),
    /// No text.
    Empty,
    /// A refusal of the server's: a filter, or the field that is for it. A refusal in words is a text.
    Refused,
    /// No answer.
    Failed(CallFailure),
}

/// One draw.
#[derive(Debug, Clone, PartialEq)]
pub struct Drawn {
    /// What came.
    pub answered: Answered,
    /// Which draw it is, from 1.
    pub number: u32,
    /// The seed that was sent.
    pub seed: Option<u64>,
}

/// Draws candidates.
pub struct Drawer {
    /// Makes the calls.
    pub caller: Arc<Caller>,
    /// How.
    pub settings: SampleSettings,
}

impl Drawer {
    /// Draws from every endpoint, and returns what came for each.
    pub async fn draw(&self, context: &Context) -> Result<Vec<Vec<Drawn>>, Error> {
        let messages = messages(context, self.settings.system.as_deref());
        let each = self.settings.endpoints.iter().map(|endpoint| self.draw_at(endpoint, &messages));
        join_all(each).await.into_iter().collect()
    }

    async fn draw_at(&self, endpoint: &str, messages: &[Message]) -> Result<Vec<Drawn>, Error> {
        let dialect = self.caller.dialect(endpoint).await?;
        let ask = |number, n| self.ask(endpoint, messages, &dialect, number, n);
        let count = self.settings.count;
        if !dialect.n {
            // All are waited for, also when one of them stops the run: their calls are paid.
            let each = join_all((1..=count).map(|number| ask(number, 1))).await;
            return Ok(each.into_iter().collect::<Result<Vec<_>, _>>()?.concat());
        }
        let mut drawn: Vec<Drawn> = vec![];
        // A server may give fewer than asked for in one call.
        while (drawn.len() as u32) < count {
            let made = drawn.len() as u32;
            let more = ask(made + 1, count - made).await?;
            let failed = more.iter().any(|one| matches!(one.answered, Answered::Failed(_)));
            drawn.extend(more);
            if failed {
                break;
            }
        }
        Ok(drawn)
    }

    /// Makes one call for `n` draws, the first of which is `number`.
    async fn ask(
        &self,
        endpoint: &str,
        messages: &[Message],
        dialect: &Dialect,
        number: u32,
        n: u32,
    ) -> Result<Vec<Drawn>, Error> {
        let seed = seed(messages, number, self.settings.seed);
        let sampling = Sampling {
            temperature: Some(self.settings.temperature),
            top_p: self.settings.top_p,
            max_tokens: self.settings.max_reply_tokens,
            seed: Some(seed),
            n,
            logprobs: false,
        };
        let ask = Ask { messages: messages.to_vec(), form: Form::Text, sampling };
        // An endpoint that takes no seed must still be asked anew for another one.
        let draw = if self.settings.seed.is_some() { seed as u32 } else { number };
        let who = Asking { endpoint, purpose: Purpose::Sample, label: LABEL, fence: None, number: draw };
        let reply = self.caller.call(self.caller.prepare(who, &ask, dialect)).await?;
        let seed = dialect.seed.then_some(seed);
        let answers = answers(reply, n as usize).into_iter();
        Ok((number..).zip(answers).map(|(number, answered)| Drawn { answered, number, seed }).collect())
    }
}

/// Returns what a choice says.
pub fn answered(choice: &Choice) -> Answered {
    if choice.refusal.is_some() || choice.finish == Finish::ContentFilter {
        return Answered::Refused;
    }
    let text = choice.text.as_deref().unwrap_or_default().trim();
    match (&choice.finish, text) {
        (Finish::Length, text) => Answered::Cut(text.into()),
        (_, "") => Answered::Empty,
        (_, text) => Answered::Whole(text.into()),
    }
}

/// Tells whether the endpoint is at fault rather than what it was asked.
pub fn is_down(failure: &CallFailure) -> bool {
    matches!(failure.retry, Retry::Later { .. }) || matches!(failure.status, Some(401 | 403 | 404))
}

/// Returns what a call for `n` draws brought: one failure stands for all of them.
fn answers(reply: Result<Completion, CallFailure>, n: usize) -> Vec<Answered> {
    match reply {
        Ok(completion) => completion.choices.iter().take(n).map(answered).collect(),
        Err(failure) => vec![Answered::Failed(failure)],
    }
}

/// Returns what a model is asked: the prompt, with the documents that the answer should rest on, and the system
/// message if it has none of its own. The reference is never shown.
fn messages(context: &Context, system: Option<&str>) -> Vec<Message> {
    let mut messages = context.prompt.clone();
    if !context.documents.is_empty() {
        let numbered = context.documents.iter().enumerate();
        let quoted = numbered.map(|(at, document)| format!("[{}] {document}", at + 1));
        let documents = format!("Documents:\n\n{}", quoted.collect::<Vec<_>>().join("\n\n"));
        match messages.iter_mut().rev().find(|turn| turn.role == "user") {
            Some(turn) => turn.content = format!("{documents}\n\n{}", turn.content),
            None => messages.push(Message::user(documents)),
        }
    }
    let has_none = messages.iter().all(|turn| turn.role != "system");
    if let Some(system) = system.filter(|_| has_none) {
        messages.insert(0, Message { role: "system".into(), content: system.into() });
    }
    messages
}

/// Derives the seed of a draw from what is asked: the place in a file, or the size of a run, must not make calls new.
fn seed(messages: &[Message], number: u32, run: Option<u64>) -> u64 {
    let (number, run) = (number.to_le_bytes(), run.map(u64::to_le_bytes));
    let turns = messages.iter().flat_map(|turn| [turn.role.as_bytes(), turn.content.as_bytes()]);
    let parts = turns.chain([number.as_slice()]).chain(run.iter().map(|seed| seed.as_slice()));
    let [a, b, c, d, ..] = *ContentId::of("draw", parts).as_bytes();
    u64::from(u32::from_le_bytes([a, b, c, d])) & SEED_BITS
}

#[cfg(test)]
mod tests {
    use super::*;

    fn choice(text: Option<&str>, finish: Finish) -> Choice {
        Choice {
            text: text.map(String::from),
            reasoning: None,
            refusal: None,
            tool_arguments: None,
            finish,
            tokens: vec![],
        }
    }

    #[test]
    fn only_a_whole_text_is_a_candidate() {
        assert_eq!(answered(&choice(Some("\n 4. "), Finish::Stop)), Answered::Whole("4.".into()));
        assert_eq!(answered(&choice(Some("4"), Finish::Missing)), Answered::Whole("4".into()));
        assert_eq!(answered(&choice(Some("4"), Finish::Length)), Answered::Cut("4".into()));
        assert_eq!(answered(&choice(Some("4"), Finish::ContentFilter)), Answered::Refused);
        assert_eq!(answered(&choice(None, Finish::ToolCalls)), Answered::Empty);
        let refusal = Choice { refusal: Some("no".into()), ..choice(Some("4"), Finish::Stop) };
        assert_eq!(answered(&refusal), Answered::Refused);
    }

    #[test]
    fn documents_are_shown_and_the_reference_is_not() {
        let context = Context {
            prompt: vec![Message::user("Who?")],
            reference: Some("secret".into()),
            documents: vec!["Ann did.".into(), "Bob did not.".into()],
        };
        let [system, user] = messages(&context, Some("Be short.")).try_into().unwrap();
        assert_eq!((system.role.as_str(), system.content.as_str()), ("system", "Be short."));
        assert_eq!(user.content, "Documents:\n\n[1] Ann did.\n\n[2] Bob did not.\n\nWho?");
    }

    #[test]
    fn a_prompts_own_system_message_stands() {
        let own = Message { role: "system".into(), content: "Rhyme.".into() };
        let prompt = vec![own, Message::user("Who?")];
        let context = Context { prompt: prompt.clone(), reference: None, documents: vec![] };
        assert_eq!(messages(&context, Some("Be short.")), prompt);
    }

    #[test]
    fn seeds_follow_the_prompt_the_number_and_the_seed_given() {
        let prompt = [Message::user("a")];
        let one = seed(&prompt, 1, None);
        assert_eq!(one, seed(&prompt, 1, None));
        for other in [seed(&prompt, 2, None), seed(&[Message::user("b")], 1, None), seed(&prompt, 1, Some(0))]
        {
            assert_ne!(one, other);
        }
        assert!(one <= SEED_BITS);
    }
}
