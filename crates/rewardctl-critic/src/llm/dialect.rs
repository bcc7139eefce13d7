//! Dialects: what an endpoint can do, found by trying.
//!
//! Servers refuse what they do not know, or ignore it without a word. So a [`Probe`] asks for something that no
//! model would say by itself, and believes only what it sees: a schema is enforced if the sky comes out as `q7`.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use rewardctl_core::item::Message;

use crate::error::Error;
use crate::llm::completion::{CallFailure, Choice, Completion, Finish, Retry};
use crate::llm::request::{Ask, Form, Request, Sampling, request_unstated};

/// The most calls of one probe.
const MOST_CALLS: u32 = 24;

/// Times that the same question must go wrong before it is held against the endpoint: any reply may be garbled once.
const STRIKES: u32 = 3;

/// The tokens that the answer to a probe may take: `{"colour": "q7"}` takes ten.
pub const PROBE_TOKENS: u32 = 64;

/// What an endpoint can do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Dialect {
    /// How an answer is held to a JSON schema.
    pub constraint: Constraint,
    /// What the limit of the answer is called.
    pub token_limit: TokenLimit,
    /// Whether a system message is taken.
    pub system: bool,
    /// Whether the temperature can be set.
    pub temperature: bool,
    /// Whether a seed is taken.
    pub seed: bool,
    /// Whether one call gives several answers.
    pub n: bool,
    /// Whether the probabilities of tokens come back, and mean something: after reasoning they do not.
    pub logprobs: bool,
    /// How many alternatives of a token may be asked for.
    pub top_logprobs: u32,
    /// Tokens on top of the answer's own limit, for a model that reasons first; 0 for one that does not.
    pub thinking_tokens: u32,
}

/// How an answer is held to a JSON schema, best first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Constraint {
    /// By a schema in `response_format`.
    JsonSchema,
    /// Only to be a JSON object.
    JsonObject,
    /// By the arguments of a function that must be called.
    Tool,
    /// By a grammar (llama.cpp) or `structured_outputs` (vLLM).
    Grammar,
    /// By the words of the prompt alone.
    None,
}

/// What the limit of an answer's tokens is called.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TokenLimit {
    /// `max_tokens`, which most servers know.
    MaxTokens,
    /// `max_completion_tokens`, which OpenAI's reasoning models insist on and others drop without a word.
    MaxCompletionTokens,
}

impl Dialect {
    /// Everything, in the best way: where a probe starts.
    pub const FULL: Self = Self {
        constraint: Constraint::JsonSchema,
        token_limit: TokenLimit::MaxTokens,
        system: true,
        temperature: true,
        seed: true,
        n: true,
        logprobs: true,
        top_logprobs: 20,
        thinking_tokens: 0,
    };

    /// Nothing that a server could fail to do.
    const LEAST: Self = Self {
        constraint: Constraint::None,
        system: false,
        temperature: false,
        seed: false,
        n: false,
        logprobs: false,
        ..Self::FULL
    };
}

/// What is known of the server itself: one that fails whatever it is asked has no dialect.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Health {
    Unknown,
    /// It fell over the first question, and is asked the plainest one.
    Doubtful,
    Working,
}

/// Finds the dialect of an endpoint: ask what [`Probe::next`] says, tell [`Probe::observe`] how it went, repeat.
#[derive(Debug, Clone)]
pub struct Probe {
    model: String,
    /// What is believed so far.
    dialect: Dialect,
    thinking_tokens: u32,
    calls: u32,
    /// How often the present question went wrong without a word on why.
    strikes: u32,
    health: Health,
    end: Option<Result<(), CallFailure>>,
}

impl Probe {
    /// Starts a probe of `model`; if it turns out to reason, its limits grow by `thinking_tokens`.
    pub fn new(model: &str, thinking_tokens: u32) -> Self {
        Self {
            model: model.into(),
            dialect: Dialect::FULL,
            thinking_tokens,
            calls: 0,
            strikes: 0,
            health: Health::Unknown,
            end: None,
        }
    }

    /// Returns what to ask now, maybe the same again; None when the probe is over.
    pub fn next(&self) -> Option<Request> {
        let is_over = self.end.is_some() || self.calls >= MOST_CALLS;
        let dialect = if self.health == Health::Doubtful { &Dialect::LEAST } else { &self.dialect };
        (!is_over).then(|| request_unstated(&self.model, &question(dialect.constraint), dialect))
    }

    /// Learns from how the last request ended, after all retries.
    pub fn observe(&mut self, reply: &Result<Completion, CallFailure>) {
        self.calls += 1;
        let before = self.health;
        let fell_over = reply.as_ref().is_err_and(|failure| matches!(failure.status, Some(500 | 501)));
        if !fell_over {
            self.health = Health::Working;
        }
        match (before, reply) {
            // It told what there was to tell of the server, and nothing of what it can do.
            (Health::Doubtful, _) if !fell_over => {}
            (Health::Unknown, Err(_)) if fell_over => self.health = Health::Doubtful,
            (Health::Doubtful, Err(failure)) => self.end = Some(Err(failure.clone())),
            (_, Ok(completion)) => self.observe_answer(completion),
            (_, Err(failure)) => self.observe_failure(failure),
        }
    }

    /// Returns the dialect, or why there is none: an endpoint that cannot be reached has no abilities to tell of.
    pub fn finish(self) -> Result<Dialect, Error> {
        match self.end {
            Some(Ok(())) => Ok(self.dialect),
            Some(Err(source)) => Err(Error::ProbeFailed { model: self.model, source: Box::new(source) }),
            None => Err(Error::ProbeUndecided { model: self.model, calls: self.calls }),
        }
    }

    fn observe_answer(&mut self, completion: &Completion) {
        let Some(choice) = completion.choices.first() else { return };
        let reasoning_tokens = completion.usage.map_or(0, |usage| usage.reasoning_tokens);
        let is_cut_empty = choice.finish == Finish::Length && choice.text.is_none();
        if reasoning_tokens > 0 || choice.reasoning.is_some() || is_cut_empty {
            let was_known = self.dialect.thinking_tokens > 0 || self.thinking_tokens == 0;
            self.dialect.thinking_tokens = self.thinking_tokens;
            self.dialect.logprobs = false;
            if choice.finish == Finish::Length && !was_known {
                return;
            }
        }
        if !is_enforced(self.dialect.constraint, choice) {
            if self.is_out() {
                self.dialect.constraint = self.dialect.constraint.next();
            }
            return;
        }
        self.dialect.n &= completion.choices.len() > 1;
        self.dialect.logprobs &= !choice.tokens.is_empty();
        self.end = Some(Ok(()));
    }

    fn observe_failure(&mut self, failure: &CallFailure) {
        let may_be_the_request = match (failure.status, failure.retry) {
            (Some(400 | 422), Retry::Never) => true,
            // Gateways say so when no server behind them can do what was asked.
            (Some(404), Retry::Never) => names_a_parameter(failure),
            // Some servers fall over what they do not know.
            (Some(500 | 501), _) => true,
            _ => false,
        };
        self.strikes = 0;
        if !(may_be_the_request && self.ask_for_less(&failure.reason)) {
            self.end = Some(Err(failure.clone()));
        }
    }

    /// Counts a strike against the present question; true if there were enough, and the next question starts anew.
    fn is_out(&mut self) -> bool {
        self.strikes += 1;
        let is_out = self.strikes >= STRIKES;
        if is_out {
            self.strikes = 0;
        }
        is_out
    }

    /// Gives up what `reason` names, or else what is most likely to blame; false if nothing is left to give up.
    fn ask_for_less(&mut self, reason: &str) -> bool {
        let named = named(reason).into_iter().any(|feature| self.give_up(feature));
        named
            || self.give_up_all(&[Feature::Logprobs, Feature::Choices, Feature::Seed, Feature::Temperature])
            || self.give_up(Feature::Constraint)
            || self.give_up(Feature::System)
    }

    fn give_up_all(&mut self, features: &[Feature]) -> bool {
        let given_up = features.iter().filter(|feature| self.give_up(**feature)).count();
        given_up > 0
    }

    /// Asks without `feature` from now on; false if that changes nothing.
    fn give_up(&mut self, feature: Feature) -> bool {
        let before = self.dialect.clone();
        let dialect = &mut self.dialect;
        match feature {
            Feature::TokenLimit => dialect.token_limit = TokenLimit::MaxCompletionTokens,
            // Some servers give five at most.
            Feature::TopLogprobs if dialect.top_logprobs > 5 => dialect.top_logprobs = 5,
            Feature::TopLogprobs | Feature::Logprobs => dialect.logprobs = false,
            Feature::Temperature => dialect.temperature = false,
            Feature::Seed => dialect.seed = false,
            Feature::Choices => dialect.n = false,
            Feature::System => dialect.system = false,
            Feature::Constraint => dialect.constraint = dialect.constraint.next(),
        }
        *dialect != before
    }
}

/// Tells whether a server refused a call for something that a request may do without.
pub fn names_a_parameter(failure: &CallFailure) -> bool {
    let is_refused = matches!(failure.status, Some(400 | 404 | 422)) && failure.retry == Retry::Never;
    is_refused && !named(&failure.reason).is_empty()
}

/// Something that a request may do without.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Feature {
    TokenLimit,
    TopLogprobs,
    Logprobs,
    Temperature,
    Seed,
    Choices,
    System,
    Constraint,
}

/// The words by which servers name what they refuse.
const WORDS: [(&str, Feature); 16] = [
    ("max_tokens", Feature::TokenLimit),
    ("max_completion_tokens", Feature::TokenLimit),
    ("top_logprobs", Feature::TopLogprobs),
    ("logprobs", Feature::Logprobs),
    ("temperature", Feature::Temperature),
    ("seed", Feature::Seed),
    ("n", Feature::Choices),
    ("system", Feature::System),
    ("response_format", Feature::Constraint),
    ("json_schema", Feature::Constraint),
    ("json_object", Feature::Constraint),
    ("tools", Feature::Constraint),
    ("tool_choice", Feature::Constraint),
    ("tool", Feature::Constraint),
    ("grammar", Feature::Constraint),
    ("structured_outputs", Feature::Constraint),
];

/// Returns what `reason` names: the parameter that the server points at first, then the words of its message.
fn named(reason: &str) -> Vec<Feature> {
    let (message, param) = reason.rsplit_once(", param `").unwrap_or((reason, ""));
    let is_break = |c: char| !(c.is_ascii_alphanumeric() || c == '_');
    let words = param.split(is_break).chain(message.split(is_break));
    let feature = |word: &str| WORDS.iter().find(|(known, _)| *known == word).map(|(_, feature)| *feature);
    words.filter_map(feature).collect()
}

impl Constraint {
    /// Returns the next best; [`Constraint::None`] is its own.
    fn next(self) -> Self {
        match self {
            Self::JsonSchema => Self::JsonObject,
            Self::JsonObject => Self::Tool,
            Self::Tool => Self::Grammar,
            Self::Grammar | Self::None => Self::None,
        }
    }
}

/// Returns a question whose natural answer breaks the constraint.
fn question(constraint: Constraint) -> Ask {
    let system = Message { role: "system".into(), content: "Answer in one word.".into() };
    // A server that makes JSON insists on the word in the prompt.
    let user = match constraint {
        Constraint::JsonObject => "What colour is a clear sky at noon? Write the plain word, and no JSON.",
        _ => "What colour is a clear sky at noon?",
    };
    let colour = json!({"type": "string", "enum": ["q7", "k2"]});
    let schema = json!({
        "type": "object",
        "properties": {"colour": colour},
        "required": ["colour"],
        "additionalProperties": false,
    });
    Ask {
        messages: vec![system, Message::user(user)],
        form: Form::Json { name: "colour".into(), schema },
        sampling: Sampling {
            temperature: Some(0.5),
            top_p: None,
            max_tokens: PROBE_TOKENS,
            seed: Some(7),
            n: 2,
            logprobs: true,
        },
    }
}

/// Tells whether the answer shows that the constraint was applied.
fn is_enforced(constraint: Constraint, choice: &Choice) -> bool {
    let text = match constraint {
        Constraint::None => return choice.text.is_some(),
        Constraint::Tool => &choice.tool_arguments,
        _ => &choice.text,
    };
    let parsed =
        text.as_deref().and_then(|text| serde_json::from_str::<Value>(text).ok()).unwrap_or_default();
    match constraint {
        Constraint::JsonObject => parsed.is_object(),
        _ => matches!(parsed.get("colour").and_then(Value::as_str), Some("q7" | "k2")),
    }
}

#[cfg(test)]
mod tests;
