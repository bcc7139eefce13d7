//! `rule.code`: code where the settings allow none.

use crate::rules::RuleInfo;
use crate::rules::judgement::{Judgement, counted};
use crate::rules::settings::CodePolicy;
use crate::rules::subject::Subject;

pub(crate) const INFO: RuleInfo = RuleInfo {
    critic: "rule.code",
    dimension: "compliance",
    measures: "With the policy `forbidden`: 0 if there is a fenced block, else 1.",
};

pub(crate) fn judge(subject: &Subject<'_>) -> Judgement {
    if subject.rules.settings.code.policy == CodePolicy::Allowed {
        return Judgement::abstained("code is allowed");
    }
    let blocks = &subject.response.fences;
    if blocks.is_empty() {
        return Judgement::scored(1.0, "no fenced block");
    }
    let rationale = counted(blocks.len(), "fenced block");
    Judgement::scored(0.0, rationale).at(blocks.iter().map(|fence| fence.start..fence.end))
}
