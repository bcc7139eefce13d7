//! `rule.banned_terms` and `rule.required_terms`: what the settings forbid and demand.

use std::ops::Range;

use regex::{Regex, RegexBuilder};

use crate::error::Error;
use crate::rules::RuleInfo;
use crate::rules::judgement::{Judgement, counted};
use crate::rules::lexicon::Lexicon;
use crate::rules::settings::TermSettings;
use crate::rules::subject::{Subject, shown};

pub(crate) const BANNED: RuleInfo = RuleInfo {
    critic: "rule.banned_terms",
    dimension: "compliance",
    measures: "0 if one of the configured terms or patterns occurs, else 1.",
};

pub(crate) const REQUIRED: RuleInfo = RuleInfo {
    critic: "rule.required_terms",
    dimension: "compliance",
    measures: "The share of the configured terms and patterns that occur.",
};

/// Bytes that one compiled pattern may take: enough for any list of words, too little for `(a{1000}){1000}`.
const SIZE_LIMIT: usize = 1 << 20;
/// Places shown of one term.
const SHOWN: usize = 8;

/// Terms and patterns, compiled.
#[derive(Debug)]
pub(crate) struct Terms {
    names: Vec<String>,
    lexicon: Lexicon<usize>,
    patterns: Vec<Regex>,
}

impl Terms {
    /// Compiles what the settings table `key` says.
    pub fn compile(settings: &TermSettings, key: TermKeys) -> Result<Self, Error> {
        if settings.terms.iter().any(|term| term.trim_matches([' ', '*']).is_empty()) {
            return Err(Error::EmptyTerm { key: key.terms });
        }
        let terms = settings.terms.iter().map(|term| term.trim());
        let patterns: Result<Vec<Regex>, Error> =
            settings.patterns.iter().map(|pattern| compile_pattern(key.patterns, pattern)).collect();
        Ok(Self {
            names: terms.clone().chain(settings.patterns.iter().map(String::as_str)).map(shown).collect(),
            lexicon: Lexicon::new(terms.enumerate()),
            patterns: patterns?,
        })
    }

    fn is_empty(&self) -> bool {
        self.names.is_empty()
    }

    /// Returns where each term and pattern stands, in their order; a few places of each.
    fn places(&self, text: &str) -> Vec<Vec<Range<usize>>> {
        let term_count = self.names.len() - self.patterns.len();
        let mut places = vec![Vec::new(); term_count];
        let hits = if term_count == 0 { Vec::new() } else { self.lexicon.hits(text) };
        for hit in hits {
            if places[hit.tag].len() < SHOWN {
                places[hit.tag].push(hit.start..hit.end);
            }
        }
        let of_patterns = self.patterns.iter().map(|pattern| {
            pattern
                .find_iter(text)
                .filter(|found| !found.is_empty())
                .take(SHOWN)
                .map(|found| found.range())
                .collect()
        });
        places.extend(of_patterns);
        places
    }
}

/// The settings keys that errors name.
#[derive(Debug, Clone, Copy)]
pub(crate) struct TermKeys {
    /// The key of the terms.
    pub terms: &'static str,
    /// The key of the patterns.
    pub patterns: &'static str,
}

/// Compiles a user's pattern within limits; matching takes linear time whatever it says.
pub(crate) fn compile_pattern(key: &'static str, pattern: &str) -> Result<Regex, Error> {
    RegexBuilder::new(pattern)
        .size_limit(SIZE_LIMIT)
        .dfa_size_limit(SIZE_LIMIT)
        .build()
        .map_err(|source| Error::Pattern { key, pattern: pattern.into(), source: Box::new(source) })
}

pub(crate) fn judge_banned(subject: &Subject<'_>) -> Judgement {
    let banned = &subject.rules.banned;
    if banned.is_empty() {
        return Judgement::abstained("no banned terms are configured");
    }
    let places = banned.places(subject.response.raw);
    let found: Vec<&str> = banned
        .names
        .iter()
        .zip(&places)
        .filter(|(_, at)| !at.is_empty())
        .map(|(name, _)| name.as_str())
        .collect();
    let Some(first) = found.first() else {
        return Judgement::scored(1.0, "no banned term");
    };
    let rationale = format!("{}, such as `{first}`", counted(found.len(), "banned term"));
    Judgement::scored(0.0, rationale).at(places.into_iter().flatten())
}

pub(crate) fn judge_required(subject: &Subject<'_>) -> Judgement {
    let required = &subject.rules.required;
    if required.is_empty() {
        return Judgement::abstained("no required terms are configured");
    }
    let places = required.places(subject.response.raw);
    let missing: Vec<&str> = required
        .names
        .iter()
        .zip(&places)
        .filter(|(_, at)| at.is_empty())
        .map(|(name, _)| name.as_str())
        .collect();
    let found = places.len() - missing.len();
    let mut rationale = format!("{found} of {}", counted(places.len(), "required term"));
    if let Some(first) = missing.first() {
        rationale += &format!("; missing is `{first}`");
    }
    let firsts = places.iter().filter_map(|at| at.first().cloned());
    Judgement::scored(found as f64 / places.len() as f64, rationale).at(firsts)
}
