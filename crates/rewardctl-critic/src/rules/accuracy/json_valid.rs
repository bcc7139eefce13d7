//! `rule.json_valid`: where JSON is asked for, is it JSON?

use serde::de::IgnoredAny;

use crate::rules::RuleInfo;
use crate::rules::judgement::Judgement;
use crate::rules::subject::Subject;

pub(crate) const INFO: RuleInfo = RuleInfo {
    critic: "rule.json_valid",
    dimension: "accuracy",
    measures: "Where prompt or settings ask for JSON: 1 if the response, or its only fenced block, parses, else 0.",
};

pub(crate) fn judge(subject: &Subject<'_>) -> Judgement {
    if !subject.ask.json && !subject.rules.settings.json_valid.required {
        return Judgement::abstained("neither prompt nor settings ask for JSON");
    }
    let response = &subject.response;
    let text = match response.fences.as_slice() {
        [fence] => &response.raw[fence.body.clone()],
        _ => response.raw,
    };
    match parse(text) {
        Ok(()) => Judgement::scored(1.0, "it parses as JSON"),
        Err(reason) => Judgement::scored(0.0, reason),
    }
}

/// Parses `text`; the error says where it stops being JSON, without quoting it.
pub(crate) fn parse(text: &str) -> Result<(), String> {
    match serde_json::from_str::<IgnoredAny>(text) {
        Ok(_) => Ok(()),
        Err(_) if text.trim().is_empty() => Err("there is nothing to parse".into()),
        Err(error) => Err(format!("no JSON from line {}, column {} on", error.line(), error.column())),
    }
}
