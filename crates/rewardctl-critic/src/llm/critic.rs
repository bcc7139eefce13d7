//! LLM critics as data: one file, a TOML header with who judges what on which scale, then a template.
//!
//! The files of the shipped critics stand in `prompts/`, for people to read and copy; docs/critics.md tells what each
//! field means. A critic carries the hash of its file, so that an edit makes its old verdicts stale.

use rewardctl_core::id::ContentId;
use rewardctl_core::item::Context;
use rewardctl_core::score::Scale;
use serde::{Deserialize, Serialize};

use crate::error::Error;
use crate::llm::critic::header::Header;
use crate::llm::prompt::{self, COMMON_RULES, PAIRWISE_RULE};
use crate::llm::template::{Allowed, Slot, Template};

mod header;

macro_rules! shipped {
    ($name:literal) => {
        include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../../prompts/", $name, ".md"))
    };
}

/// The critics that come with the binary: name and file.
pub const SHIPPED: &[(&str, &str)] = &[
    ("accuracy", shipped!("accuracy")),
    ("brand-voice", shipped!("brand-voice")),
    ("budget-realism", shipped!("budget-realism")),
    ("compliance", shipped!("compliance")),
    ("grounding", shipped!("grounding")),
    ("helpfulness", shipped!("helpfulness")),
    ("honesty", shipped!("honesty")),
    ("preference", shipped!("preference")),
    ("style", shipped!("style")),
];

const POINTWISE_TEMPLATE: &str = shipped!("templates/pointwise");
const PAIRWISE_TEMPLATE: &str = shipped!("templates/pairwise");

/// The most levels that a critic describes one by one, and that a reply may be restricted to.
pub(crate) const MOST_LEVELS: usize = 11;

/// A critic that asks a language model.
#[derive(Debug, Clone, PartialEq)]
pub struct LlmCritic {
    /// The name: up to 40 letters, digits, `-` and `_`.
    pub name: String,
    /// What its author calls this state of it; empty if they do not say.
    pub version: String,
    /// The dimension that it judges.
    pub dimension: String,
    /// Whether it judges one response or compares two.
    pub mode: Mode,
    /// Who the model is to be, as in "You are a careful fact checker.".
    pub role: String,
    /// What it is to find out.
    pub goal: String,
    /// What it needs to know; may be empty.
    pub background: String,
    /// What matters in this use of the critic beyond its rules, such as a brand's brief; may be empty.
    pub criteria: String,
    /// The scale of its scores. Pairwise: the share of a win, 1 where A wins and 0.5 for a tie.
    pub scale: Scale,
    /// What the values mean, ascending; empty if pairwise.
    pub levels: Vec<Level>,
    /// The rules of its own, beside those of every critic.
    pub rules: Vec<String>,
    /// Verdicts to learn from.
    pub examples: Vec<Example>,
    /// What an item must have beside its prompt.
    pub needs: Needs,
    /// The most tokens that a reply may take.
    pub max_tokens: u32,
    /// The first 128 bits of the SHA-256 of all that the critic says: its file, template and fixed texts.
    pub sha256: ContentId,
    pub(crate) template: Template,
}

/// What a critic looks at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Mode {
    /// One response, on a scale.
    Pointwise,
    /// Two responses: which is better.
    Pairwise,
}

/// One value of a scale.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Level {
    /// The value.
    pub value: f64,
    /// Its name, such as `poor`; empty if it has none.
    pub label: String,
    /// What a response of this value is like, in a sentence.
    pub meaning: String,
}

/// A verdict to learn from.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Example {
    /// What was asked.
    pub prompt: String,
    /// What was answered.
    pub response: String,
    /// The right score, on the critic's scale.
    pub score: f64,
    /// Why, in one or two sentences.
    pub rationale: String,
}

/// What an item must have for a critic to judge it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Needs {
    /// The reference.
    pub reference: Need,
    /// The documents.
    pub documents: Need,
}

/// Whether something is shown to a critic.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Need {
    /// Shown where there is one.
    #[default]
    Optional,
    /// Without it the critic cannot judge.
    Required,
    /// Not shown, even where there is one.
    Never,
}

/// What is wrong with a field of a header, and what to do.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum FieldProblem {
    /// No text.
    #[error("is blank; write it, or leave the field out if docs/critics.md lets you")]
    Blank,
    /// No name.
    #[error("is `{0}`; use 1 to 40 letters, digits, `-` and `_`")]
    NotAName(String),
    /// A text of several lines where one is needed.
    #[error("has more than one line; write it on one")]
    Lines,
    /// A field that this kind of critic needs.
    #[error("is missing; a pointwise critic needs it")]
    Missing,
    /// A field that this kind of critic cannot use.
    #[error("means nothing to a pairwise critic; remove it")]
    NotForPairs,
    /// A scale that is none, or whose steps miss its end.
    #[error(
        "is no scale from `{min}` to `{max}` in steps of `{step}`; let `min` < `max` and steps reach `max`"
    )]
    NotAScale {
        /// The least value.
        min: f64,
        /// The greatest value.
        max: f64,
        /// The step.
        step: f64,
    },
    /// A value that the scale does not have.
    #[error("names `{0}`, which is not on the scale; change it or the scale")]
    OffScale(String),
    /// A value given twice, such as `1` and `1.0`.
    #[error("names `{0}` twice; remove one")]
    Twice(f64),
    /// A value that needs a sentence.
    #[error(
        "has no sentence for `{0}`; write one for each value, or for both ends if there are more than 11"
    )]
    NoLevel(f64),
    /// A number of tokens in which no verdict can be written.
    #[error("is `{0}`; a verdict takes at least 16 tokens")]
    TooFewTokens(u32),
}

impl LlmCritic {
    /// Parses a critic's file; errors call it `file`.
    pub fn parse(file: &str, text: &str) -> Result<Self, Error> {
        let (head, body) = halves(file, text)?;
        let header: Header = toml::from_str(&head)
            .map_err(|source| Error::CriticHeader { file: file.into(), source: Box::new(source) })?;
        let checked = header.check();
        let mut critic =
            checked.map_err(|(field, problem)| Error::CriticField { file: file.into(), field, problem })?;
        let own_template = !body.trim().is_empty();
        let template = if own_template { body.as_str() } else { critic.mode.template() };
        critic.template = Template::compile(file, template, &critic.values(), &critic.slots())?;
        let fixed = prompt::FIXED_TEXTS.iter().chain(&COMMON_RULES).map(|text| text.as_bytes());
        critic.sha256 =
            ContentId::of("critic", [text.as_bytes(), template.as_bytes()].into_iter().chain(fixed));
        Ok(critic)
    }

    /// Returns what an item lacks that this critic cannot judge without.
    pub fn lacks(&self, context: &Context) -> Option<&'static str> {
        let blank = |text: &str| text.trim().is_empty();
        let reference = context.reference.as_deref().is_none_or(blank);
        if self.needs.reference == Need::Required && reference {
            return Some("there is no reference");
        }
        let documents = context.documents.iter().all(|document| blank(document));
        (self.needs.documents == Need::Required && documents).then_some("there are no documents")
    }

    /// Returns the values of the scale, ascending, if it has at most `most`; None if it has more, or no steps.
    pub fn values_of_scale(&self, most: usize) -> Option<Vec<f64>> {
        values_of(&self.scale, most)
    }

    /// Returns the rules that every critic of this kind has, and its own.
    fn all_rules(&self) -> Vec<&str> {
        let pairwise = (self.mode == Mode::Pairwise).then_some(PAIRWISE_RULE);
        let own = self.rules.iter().map(String::as_str);
        COMMON_RULES.into_iter().chain(pairwise).chain(own).collect()
    }

    /// Returns what the template may print.
    fn values(&self) -> Values<'_> {
        Values {
            name: &self.name,
            dimension: &self.dimension,
            role: &self.role,
            goal: &self.goal,
            background: &self.background,
            criteria: &self.criteria,
            scale: prompt::scale_in_words(self),
            levels: self.levels.iter().map(ShownLevel::new).collect(),
            rules: self.all_rules(),
            examples: self.examples.iter().map(ShownExample::new).collect(),
        }
    }

    fn slots(&self) -> Vec<Allowed> {
        let allowed = |slot, required| Allowed { slot, required };
        let mut slots = vec![allowed(Slot::Prompt, false)];
        match self.mode {
            Mode::Pointwise => slots.extend([allowed(Slot::Response, true), allowed(Slot::Findings, false)]),
            Mode::Pairwise => slots.extend([allowed(Slot::First, true), allowed(Slot::Second, true)]),
        }
        slots.push(allowed(Slot::Reference, self.needs.reference == Need::Required));
        slots.push(allowed(Slot::Documents, self.needs.documents == Need::Required));
        slots
    }
}

impl Mode {
    fn template(self) -> &'static str {
        match self {
            Self::Pointwise => POINTWISE_TEMPLATE,
            Self::Pairwise => PAIRWISE_TEMPLATE,
        }
    }
}

/// Returns the values of `scale`, ascending, if it has at most `most`.
fn values_of(scale: &Scale, most: usize) -> Option<Vec<f64>> {
    let steps = ((scale.max - scale.min) / scale.step).round();
    let few = scale.step > 0.0 && steps < most as f64;
    few.then(|| (0..=steps as u32).map(|step| tidy(scale.min + f64::from(step) * scale.step)).collect())
}

/// Rounds away what adding steps of 0.1 leaves behind.
fn tidy(value: f64) -> f64 {
    (value * 1e9).round() / 1e9
}

/// What templates may print, beside the slots.
#[derive(Debug, Serialize)]
struct Values<'a> {
    name: &'a str,
    dimension: &'a str,
    role: &'a str,
    goal: &'a str,
    background: &'a str,
    criteria: &'a str,
    scale: String,
    levels: Vec<ShownLevel<'a>>,
    rules: Vec<&'a str>,
    examples: Vec<ShownExample<'a>>,
}

/// A level as it is printed: `5`, not `5.0`.
#[derive(Debug, Serialize)]
struct ShownLevel<'a> {
    value: String,
    label: &'a str,
    meaning: &'a str,
}

impl<'a> ShownLevel<'a> {
    fn new(level: &'a Level) -> Self {
        Self { value: level.value.to_string(), label: &level.label, meaning: &level.meaning }
    }
}

/// An example as it is printed, with its verdict as a reply has it.
#[derive(Debug, Serialize)]
struct ShownExample<'a> {
    prompt: &'a str,
    response: &'a str,
    verdict: String,
}

impl<'a> ShownExample<'a> {
    fn new(example: &'a Example) -> Self {
        let rationale = serde_json::Value::from(example.rationale.as_str());
        let verdict = format!("{{\"score\": {}, \"rationale\": {rationale}}}", example.score);
        Self { prompt: &example.prompt, response: &example.response, verdict }
    }
}

/// Splits a file into header and template; blank lines before each keep the line numbers of errors true.
fn halves(file: &str, text: &str) -> Result<(String, String), Error> {
    let without_header = || Error::CriticWithoutHeader { file: file.into() };
    let text = text.strip_prefix('\u{feff}').unwrap_or(text).replace("\r\n", "\n");
    let lines: Vec<&str> = text.split('\n').collect();
    let is_border = |line: &&str| line.trim_end() == "+++";
    if !lines.first().is_some_and(is_border) {
        return Err(without_header());
    }
    let end = lines.iter().skip(1).position(is_border).ok_or_else(without_header)? + 1;
    let head = format!("\n{}", lines[1..end].join("\n"));
    let body = format!("{}{}", "\n".repeat(end + 1), lines[end + 1..].join("\n"));
    Ok((head, body))
}

/// Returns a shipped critic.
#[cfg(test)]
pub(crate) fn shipped_critic(name: &str) -> LlmCritic {
    let (name, text) = SHIPPED.iter().find(|(shipped, _)| *shipped == name).unwrap();
    LlmCritic::parse(name, text).unwrap()
}

#[cfg(test)]
mod tests;
