//! The header of a critic's file, as written, and what must hold of it.

use std::collections::BTreeMap;

use rewardctl_core::id::ContentId;
use rewardctl_core::score::Scale;
use serde::Deserialize;

use crate::llm::critic::{
    Example, FieldProblem, Level, LlmCritic, MOST_LEVELS, Mode, Needs, tidy, values_of,
};
use crate::llm::template::Template;

/// The longest name: with what a schema's name adds, endpoints take 64.
const NAME_LENGTH: usize = 40;
/// What a verdict of two sentences takes, with room for verbose tokenizers.
const MAX_TOKENS: u32 = 400;
/// What the shortest verdict takes.
const LEAST_TOKENS: u32 = 16;
/// The scale of comparisons: the share of a win.
const WINS: Scale = Scale { min: 0.0, max: 1.0, step: 0.5, low_is_good: false };

/// A field, and what is wrong with it.
type Wrong = (String, FieldProblem);

/// A header as written.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct Header {
    name: String,
    #[serde(default)]
    version: String,
    dimension: String,
    mode: Mode,
    role: String,
    goal: String,
    #[serde(default)]
    background: String,
    #[serde(default)]
    criteria: String,
    scale: Option<RawScale>,
    #[serde(default)]
    levels: BTreeMap<String, String>,
    #[serde(default)]
    labels: BTreeMap<String, String>,
    rules: Vec<String>,
    #[serde(default)]
    examples: Vec<Example>,
    #[serde(default)]
    needs: Needs,
    max_tokens: Option<u32>,
}

/// A scale as written.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct RawScale {
    min: f64,
    max: f64,
    #[serde(default)]
    step: f64,
    #[serde(default)]
    low_is_good: bool,
}

impl Header {
    /// Returns the critic, still without its template and hash.
    pub fn check(self) -> Result<LlmCritic, Wrong> {
        let proper = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '-' | '_');
        if self.name.is_empty() || self.name.len() > NAME_LENGTH || !self.name.chars().all(proper) {
            return Err(("name".into(), FieldProblem::NotAName(self.name)));
        }
        if self.dimension.trim().lines().count() > 1 {
            return Err(("dimension".into(), FieldProblem::Lines));
        }
        for (field, text) in [("dimension", &self.dimension), ("role", &self.role), ("goal", &self.goal)] {
            not_blank(field, text)?;
        }
        for (at, rule) in self.rules.iter().enumerate() {
            not_blank(&format!("rules[{at}]"), rule)?;
        }
        let max_tokens = self.max_tokens.unwrap_or(MAX_TOKENS);
        if max_tokens < LEAST_TOKENS {
            return Err(("max-tokens".into(), FieldProblem::TooFewTokens(max_tokens)));
        }
        let (scale, levels) = match self.mode {
            Mode::Pointwise => self.graded()?,
            Mode::Pairwise => self.compared()?,
        };
        Ok(LlmCritic {
            name: self.name,
            version: self.version,
            dimension: self.dimension.trim().into(),
            mode: self.mode,
            role: self.role.trim().into(),
            goal: self.goal.trim().into(),
            background: self.background.trim().into(),
            criteria: self.criteria.trim().into(),
            scale,
            levels,
            rules: self.rules.iter().map(|rule| rule.trim().to_owned()).collect(),
            examples: self.examples,
            needs: self.needs,
            max_tokens,
            sha256: ContentId::of("critic", []),
            template: Template::default(),
        })
    }

    /// Checks what only comparisons must not have.
    fn compared(&self) -> Result<(Scale, Vec<Level>), Wrong> {
        let given = [
            ("scale", self.scale.is_some()),
            ("levels", !self.levels.is_empty()),
            ("labels", !self.labels.is_empty()),
            ("examples", !self.examples.is_empty()),
        ];
        match given.into_iter().find(|(_, is_given)| *is_given) {
            Some((field, _)) => Err((field.into(), FieldProblem::NotForPairs)),
            None => Ok((WINS, Vec::new())),
        }
    }

    /// Checks the scale and all that names its values.
    fn graded(&self) -> Result<(Scale, Vec<Level>), Wrong> {
        let scale = self.scale.as_ref().ok_or_else(|| ("scale".into(), FieldProblem::Missing))?.check()?;
        let meanings = by_value("levels", &self.levels, &scale)?;
        let mut labels = by_value("labels", &self.labels, &scale)?;
        let described = values_of(&scale, MOST_LEVELS).unwrap_or_else(|| vec![scale.min, scale.max]);
        if let Some(value) = described.into_iter().find(|value| find(&meanings, *value).is_none()) {
            return Err(("levels".into(), FieldProblem::NoLevel(value)));
        }
        for (at, example) in self.examples.iter().enumerate() {
            let off =
                |_| (format!("examples[{at}].score"), FieldProblem::OffScale(example.score.to_string()));
            scale.normalise(example.score).map_err(off)?;
            not_blank(&format!("examples[{at}].rationale"), &example.rationale)?;
        }
        let mut levels = Vec::new();
        for (value, meaning) in meanings {
            let label = find(&labels, value).map(|at| labels.remove(at).1).unwrap_or_default();
            levels.push(Level { value, label, meaning });
        }
        match labels.first() {
            Some((value, _)) => Err(("levels".into(), FieldProblem::NoLevel(*value))),
            None => Ok((scale, levels)),
        }
    }
}

impl RawScale {
    fn check(&self) -> Result<Scale, Wrong> {
        let Self { min, max, step, low_is_good } = *self;
        let scale = Scale { min, max, step, low_is_good };
        let is_scale = scale.normalise(max).is_ok() && scale.normalise(min).is_ok();
        let problem = FieldProblem::NotAScale { min, max, step };
        if is_scale { Ok(scale) } else { Err(("scale".into(), problem)) }
    }
}

/// Reads a table from values to texts, ascending.
fn by_value(
    field: &str,
    table: &BTreeMap<String, String>,
    scale: &Scale,
) -> Result<Vec<(f64, String)>, Wrong> {
    let mut pairs: Vec<(f64, String)> = Vec::new();
    for (key, text) in table {
        let off = || (field.to_owned(), FieldProblem::OffScale(key.clone()));
        let value = key.parse().map_err(|_| off())?;
        scale.normalise(value).map_err(|_| off())?;
        not_blank(&format!("{field}.{key}"), text)?;
        let value = tidy(value);
        if find(&pairs, value).is_some() {
            return Err((field.into(), FieldProblem::Twice(value)));
        }
        pairs.push((value, text.trim().into()));
    }
    pairs.sort_by(|a, b| a.0.total_cmp(&b.0));
    Ok(pairs)
}

fn find(pairs: &[(f64, String)], value: f64) -> Option<usize> {
    pairs.iter().position(|(other, _)| (other - value).abs() < 1e-9)
}

fn not_blank(field: &str, text: &str) -> Result<(), Wrong> {
    if text.trim().is_empty() { Err((field.into(), FieldProblem::Blank)) } else { Ok(()) }
}
