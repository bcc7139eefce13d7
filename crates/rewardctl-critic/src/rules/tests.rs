use std::sync::LazyLock;

use proptest::prelude::*;
use rewardctl_core::item::{Context, Message};
use rewardctl_core::verdict::Outcome;

use super::*;
use crate::rules::settings::{CodePolicy, LinkPolicy};

mod accuracy;
mod compliance;
mod golden;
mod style;

/// What a rule is expected to say.
#[derive(Debug, Clone, Copy)]
enum Expected {
    /// A score, to two decimals.
    Score(f64),
    /// A score, and that a person must look.
    Flag(f64),
    Abstain,
}

/// A response with its surroundings; empty texts are left out.
#[derive(Debug, Clone, Copy, Default)]
struct Case<'a> {
    system: &'a str,
    prompt: &'a str,
    reference: &'a str,
    document: &'a str,
    response: &'a str,
}

impl Case<'_> {
    fn context(&self) -> Context {
        let system = Message { role: "system".into(), content: self.system.into() };
        let turns = [system, Message::user(self.prompt)];
        Context {
            prompt: turns.into_iter().filter(|turn| !turn.content.is_empty()).collect(),
            reference: (!self.reference.is_empty()).then(|| self.reference.into()),
            documents: (!self.document.is_empty()).then(|| self.document.into()).into_iter().collect(),
        }
    }
}

/// Compiled once for all tests: compiling is slow in a debug build.
static DEFAULT_RULES: LazyLock<Rules> = LazyLock::new(|| Rules::compile(&RuleSettings::default()).unwrap());

fn verdict_of(rules: &Rules, critic: &str, case: Case<'_>) -> Verdict {
    let verdicts = rules.judge(&case.context(), case.response);
    verdicts.into_iter().find(|verdict| verdict.critic == critic).unwrap()
}

fn check_with(settings: &RuleSettings, critic: &str, case: Case<'_>, expected: Expected) {
    check_verdict(&verdict_of(&Rules::compile(settings).unwrap(), critic, case), expected);
}

fn check(critic: &str, case: Case<'_>, expected: Expected) {
    check_verdict(&verdict_of(&DEFAULT_RULES, critic, case), expected);
}

fn check_verdict(verdict: &Verdict, expected: Expected) {
    let score = verdict.score().map(|score| (score.get() * 100.0).round() / 100.0);
    let met = match expected {
        Expected::Score(expected) => score == Some(expected) && !verdict.flagged,
        Expected::Flag(expected) => score == Some(expected) && verdict.flagged,
        Expected::Abstain => matches!(verdict.outcome, Outcome::Abstained { .. }),
    };
    assert!(met, "expected {expected:?} of {verdict:?}");
}

fn check_response(critic: &str, response: &str, expected: Expected) {
    check(critic, Case { prompt: "Tell me more.", response, ..Case::default() }, expected);
}

#[test]
fn verdicts_stand_in_the_order_of_the_catalog() {
    let verdicts = DEFAULT_RULES.judge(&Case { prompt: "Hi", ..Case::default() }.context(), "Hello.");
    let given: Vec<(&str, &str)> =
        verdicts.iter().map(|v| (v.critic.as_str(), v.dimension.as_str())).collect();
    let catalog: Vec<(&str, &str)> = CATALOG.iter().map(|info| (info.critic, info.dimension)).collect();
    assert_eq!(given, catalog);
}

#[test]
fn the_catalog_names_each_rule_once() {
    let names: BTreeSet<&str> = CATALOG.iter().map(|info| info.critic).collect();
    assert_eq!(names.len(), CATALOG.len());
    assert!(CATALOG.iter().all(|info| info.critic.starts_with("rule.") && !info.measures.contains("  ")));
}

#[test]
fn the_fingerprint_follows_the_settings() {
    let mut settings = RuleSettings::default();
    let before = Rules::compile(&settings).unwrap().fingerprint();
    assert_eq!(before, Rules::compile(&settings).unwrap().fingerprint());
    settings.length.max_words = Some(10);
    assert_ne!(before, Rules::compile(&settings).unwrap().fingerprint());
}

#[test]
fn an_empty_response_is_too_short_and_nothing_else() {
    for response in ["", " \n\t "] {
        let case = Case { prompt: "Why?", response, ..Case::default() };
        for verdict in DEFAULT_RULES.judge(&case.context(), response) {
            let score = verdict.score().map(|score| score.get());
            match verdict.critic.as_str() {
                "rule.length" => assert_eq!(score, Some(0.0)),
                // Nothing is found in nothing.
                "rule.secrets" | "rule.personal_data" | "rule.injection" => assert_eq!(score, Some(1.0)),
                _ => assert_eq!(score, None, "{verdict:?}"),
            }
        }
    }
}

#[test]
fn settings_read_what_they_write_and_refuse_what_they_do_not_know() {
    let written = serde_json::to_string(&RuleSettings::default()).unwrap();
    assert_eq!(serde_json::from_str::<RuleSettings>(&written).unwrap(), RuleSettings::default());
    assert_eq!(serde_json::from_str::<RuleSettings>("{}").unwrap(), RuleSettings::default());
    assert!(serde_json::from_str::<RuleSettings>(r#"{"lenght": {}}"#).is_err());
    assert!(serde_json::from_str::<RuleSettings>(r#"{"length": {"max_words": 3}}"#).is_err());
}

fn check_refused(settings: &RuleSettings, expected: &str) {
    assert_eq!(Rules::compile(settings).unwrap_err().to_string(), expected);
}

#[test]
fn settings_that_cannot_be_used_are_refused_by_name() {
    let mut settings = RuleSettings::default();
    settings.banned_terms.patterns = vec!["(a".into()];
    check_refused(&settings, "`rules.banned-terms.patterns` has a pattern that cannot be used: `(a`");
    settings.banned_terms.patterns = vec!["(a{500}){500}".into()];
    check_refused(
        &settings,
        "`rules.banned-terms.patterns` has a pattern that cannot be used: `(a{500}){500}`",
    );
    settings = RuleSettings::default();
    settings.required_terms.terms = vec![" ".into()];
    check_refused(&settings, "`rules.required-terms.terms` has an empty term");
    settings = RuleSettings::default();
    settings.personal_data.ignore = vec!["names".into()];
    check_refused(&settings, "`rules.personal-data.ignore` names `names`, which is no kind of personal data");
}

#[test]
fn similarity_is_a_cosine_or_nothing() {
    assert_eq!(embedding_similarity(Some(0.8)).score().unwrap().get(), 0.8);
    assert_eq!(embedding_similarity(Some(-0.2)).score().unwrap().get(), 0.0);
    assert!(matches!(embedding_similarity(None).outcome, Outcome::Abstained { .. }));
    assert!(embedding_similarity(Some(f64::NAN)).is_failed());
}

/// Pieces that rules look for, and pieces that break carelessness.
const PIECES: &str = "(\\PC{0,4}|[ \n]{1,2}|```|```rust\n|\\*\\*|# |- |1\\. |it depends|you idiot|I can't help with|[0-9]{1,3}|\
    [(\\[{\"'/]|5 km|a@b.com|漢字|ไทย|مرحبا|हिन्दी|🎉👩\u{200d}👧|e\u{301}|\u{202e}|\u{0}|\\[\\[5\\]\\]|http://a.b/|!!!|LOUD){0,40}";

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn any_text_gets_lawful_verdicts(response in PIECES, prompt in PIECES, reference in PIECES) {
        let rules = &DEFAULT_RULES;
        let case = Case {
            system: &prompt,
            prompt: &prompt,
            reference: &reference,
            document: &reference,
            response: &response,
        };
        let verdicts = rules.judge(&case.context(), &response);
        prop_assert_eq!(&verdicts, &rules.judge(&case.context(), &response));
        let length = response.chars().count();
        for verdict in verdicts {
            prop_assert!(!verdict.is_failed(), "{:?}", verdict);
            prop_assert!(!verdict.rationale.contains(char::is_control));
            prop_assert!(verdict.spans.iter().all(|span| span.start <= span.end && span.end <= length));
        }
    }
}
