//! Rule critics: formulas and lists that need no model and no network.
//!
//! Each rule stands in a file of its own, with its formula, its numbers and why they are what they are. A rule gives
//! a score in 0..=1, or abstains and says why. Whatever the text, all rules together take linear time.

use std::collections::BTreeSet;
use std::fmt;
use std::sync::LazyLock;

use regex::Regex;
use rewardctl_core::id::ContentId;
use rewardctl_core::item::Context;
use rewardctl_core::verdict::{Span, Verdict};
use rewardctl_pii::kind::Kind;
use rewardctl_pii::scanner::{Options, Scanner};

use crate::attack::Attacks;
use crate::error::Error;
use crate::rules::accuracy::number_match::quantity::QuantityReader;
use crate::rules::accuracy::{
    code_parses, exact_match, grounding, json_valid, number_match, rouge_l, token_f1,
};
use crate::rules::ask::AskReader;
use crate::rules::compliance::disclaimer::Topics;
use crate::rules::compliance::terms::{TermKeys, Terms};
use crate::rules::compliance::{
    code, disclaimer, injection, links, personal_data, prompt_leak, refusal, secrets, terms,
};
use crate::rules::judgement::Judgement;
use crate::rules::lexicon::{Lexicon, List, list_texts, response_lists};
use crate::rules::settings::RuleSettings;
use crate::rules::style::{civility, formatting, hedging, length, readability, repetition, shouting};
use crate::rules::subject::Subject;

mod accuracy;
pub(crate) mod ask;
pub(crate) mod compliance;
mod judgement;
mod lexicon;
pub mod settings;
mod style;
mod subject;
pub(crate) mod text;

/// What a rule is called, what it judges and how.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RuleInfo {
    /// The critic's name, such as `rule.length`.
    pub critic: &'static str,
    /// `accuracy`, `style` or `compliance`.
    pub dimension: &'static str,
    /// The formula or list, in one sentence.
    pub measures: &'static str,
}

/// A rule: what it is called, and what it does.
struct Rule {
    info: RuleInfo,
    judge: fn(&Subject<'_>) -> Judgement,
}

const RULES: [Rule; 24] = [
    Rule { info: exact_match::INFO, judge: exact_match::judge },
    Rule { info: number_match::INFO, judge: number_match::judge },
    Rule { info: token_f1::INFO, judge: token_f1::judge },
    Rule { info: rouge_l::INFO, judge: rouge_l::judge },
    Rule { info: json_valid::INFO, judge: json_valid::judge },
    Rule { info: code_parses::INFO, judge: code_parses::judge },
    Rule { info: grounding::INFO, judge: grounding::judge },
    Rule { info: length::INFO, judge: length::judge },
    Rule { info: repetition::INFO, judge: repetition::judge },
    Rule { info: readability::INFO, judge: readability::judge },
    Rule { info: formatting::INFO, judge: formatting::judge },
    Rule { info: shouting::INFO, judge: shouting::judge },
    Rule { info: hedging::INFO, judge: hedging::judge },
    Rule { info: civility::INFO, judge: civility::judge },
    Rule { info: secrets::INFO, judge: secrets::judge },
    Rule { info: personal_data::INFO, judge: personal_data::judge },
    Rule { info: terms::BANNED, judge: terms::judge_banned },
    Rule { info: terms::REQUIRED, judge: terms::judge_required },
    Rule { info: disclaimer::INFO, judge: disclaimer::judge },
    Rule { info: refusal::INFO, judge: refusal::judge },
    Rule { info: prompt_leak::INFO, judge: prompt_leak::judge },
    Rule { info: links::INFO, judge: links::judge },
    Rule { info: code::INFO, judge: code::judge },
    Rule { info: injection::INFO, judge: injection::judge },
];

/// Every rule that [`Rules::judge`] runs, in the order of its verdicts.
pub const CATALOG: &[RuleInfo] = &{
    let mut infos = [RULES[0].info; RULES.len()];
    let mut at = 0;
    while at < RULES.len() {
        infos[at] = RULES[at].info;
        at += 1;
    }
    infos
};

/// The rule that the pipeline feeds: it alone has an encoder. No part of [`CATALOG`].
pub const EMBEDDING_SIMILARITY: RuleInfo = RuleInfo {
    critic: "rule.embedding_similarity",
    dimension: "accuracy",
    measures: "The cosine of the embeddings of response and reference, 0 where it is negative.",
};

/// To be raised with every change that may change a verdict: of a rule, of a number in it, of the scanner.
const VERSION: &str = "2";
/// The most places that one verdict points at.
const MOST_SPANS: usize = 16;

/// The rules, compiled. Build them once and share them.
pub struct Rules {
    settings: RuleSettings,
    fingerprint: String,
    scanner: Scanner,
    ask_reader: AskReader,
    lists: Lexicon<List>,
    ignored_kinds: BTreeSet<Kind>,
    banned: Terms,
    required: Terms,
    topics: Topics,
    attacks: Attacks,
    leak_pattern: Regex,
    // These two are met only where there is a reference.
    answer_pattern: LazyLock<Regex>,
    quantities: LazyLock<QuantityReader>,
}

impl fmt::Debug for Rules {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Rules").field("settings", &self.settings).finish_non_exhaustive()
    }
}

impl Rules {
    /// Compiles what the settings say.
    pub fn compile(settings: &RuleSettings) -> Result<Self, Error> {
        let banned_keys =
            TermKeys { terms: "rules.banned-terms.terms", patterns: "rules.banned-terms.patterns" };
        let required_keys =
            TermKeys { terms: "rules.required-terms.terms", patterns: "rules.required-terms.patterns" };
        Ok(Self {
            settings: settings.clone(),
            fingerprint: fingerprint(settings),
            scanner: Scanner::new(Options::default()),
            ask_reader: AskReader::new(),
            lists: response_lists(),
            ignored_kinds: ignored_kinds(&settings.personal_data.ignore)?,
            banned: Terms::compile(&settings.banned_terms, banned_keys)?,
            required: Terms::compile(&settings.required_terms, required_keys)?,
            topics: Topics::compile(&settings.disclaimer)?,
            attacks: Attacks::new(),
            leak_pattern: own_pattern(prompt_leak::PATTERN),
            answer_pattern: LazyLock::new(|| own_pattern(exact_match::ANNOUNCED)),
            quantities: LazyLock::new(QuantityReader::new),
        })
    }

    /// Judges one response: one verdict per rule, in the order of [`CATALOG`].
    pub fn judge(&self, context: &Context, response: &str) -> Vec<Verdict> {
        let subject = Subject::new(self, context, response);
        RULES.iter().map(|rule| verdict(&rule.info, (rule.judge)(&subject), response)).collect()
    }

    /// Returns what changes whenever the settings or the rules do, so that old verdicts become stale.
    pub fn fingerprint(&self) -> String {
        self.fingerprint.clone()
    }
}

/// Judges how close a response is to its reference in meaning, from the cosine of their embeddings.
///
/// None means that there is no reference or no encoder.
pub fn embedding_similarity(cosine: Option<f64>) -> Verdict {
    let judgement = match cosine {
        Some(cosine) => Judgement::scored(cosine, format!("cosine {cosine:.2} to the reference")),
        None => Judgement::abstained("there is no reference or no encoder"),
    };
    verdict(&EMBEDDING_SIMILARITY, judgement, "")
}

fn own_pattern(pattern: &str) -> Regex {
    Regex::new(pattern).expect("a test compiles the rules' own patterns")
}

fn ignored_kinds(names: &[String]) -> Result<BTreeSet<Kind>, Error> {
    let unknown =
        |name: &String| Error::UnknownKind { key: "rules.personal-data.ignore", kind: name.clone() };
    names.iter().map(|name| Kind::from_name(name).ok_or_else(|| unknown(name))).collect()
}

fn fingerprint(settings: &RuleSettings) -> String {
    let settings = serde_json::to_string(settings).expect("settings are strings, numbers and lists");
    let lists: String = list_texts().collect();
    ContentId::of("rules", [VERSION, &settings, &lists].map(str::as_bytes)).to_string()
}

fn verdict(info: &RuleInfo, judgement: Judgement, response: &str) -> Verdict {
    let Judgement { outcome, rationale, stretches, flagged } = judgement;
    let shown = stretches.into_iter().take(MOST_SPANS);
    Verdict {
        critic: info.critic.into(),
        dimension: info.dimension.into(),
        outcome,
        rationale,
        spans: shown.map(|stretch| Span::of_bytes(response, stretch.start, stretch.end)).collect(),
        flagged,
        evidence: None,
    }
}

#[cfg(test)]
mod tests;
