//! `rule.code_parses`: do the fenced blocks hold what their language allows?
//!
//! JSON is parsed. For programming languages, brackets and quotes are checked for balance, which finds code that was
//! cut off and little else; the rationale says so.

use crate::rules::RuleInfo;
use crate::rules::accuracy::code_parses::balance::{Syntax, find_imbalance};
use crate::rules::accuracy::json_valid::parse;
use crate::rules::judgement::Judgement;
use crate::rules::subject::Subject;
use crate::rules::text::fence::Fence;

pub(crate) mod balance;

pub(crate) const INFO: RuleInfo = RuleInfo {
    critic: "rule.code_parses",
    dimension: "accuracy",
    measures: "The share of fenced blocks in a known language that pass: JSON must parse, brackets and quotes of \
               programming languages must balance.",
};

enum Check {
    Json,
    Balance(Syntax),
}

pub(crate) fn judge(subject: &Subject<'_>) -> Judgement {
    let response = &subject.response;
    let mut checked = 0;
    let mut faults: Vec<(&Fence, String)> = Vec::new();
    for fence in &response.fences {
        let Some(check) = check_of(&fence.language) else { continue };
        checked += 1;
        let body = &response.raw[fence.body.clone()];
        let fault = match check {
            Check::Json => parse(body).err(),
            Check::Balance(syntax) => find_imbalance(body, syntax),
        };
        faults.extend(fault.map(|fault| (fence, fault)));
    }
    if checked == 0 {
        return Judgement::abstained("there is no code block in a language that can be checked");
    }
    let passed = checked - faults.len();
    let mut rationale =
        format!("{passed} of {checked} code blocks pass a check of JSON, or of brackets and quotes");
    if let Some((fence, fault)) = faults.first() {
        rationale += &format!("; {} block: {fault}", fence.language);
    }
    let stretches = faults.iter().map(|(fence, _)| fence.start..fence.end);
    Judgement::scored(passed as f64 / checked as f64, rationale).at(stretches)
}

fn check_of(language: &str) -> Option<Check> {
    match language {
        "json" => Some(Check::Json),
        "python" | "py" | "python3" => Some(Check::Balance(Syntax::Python)),
        "rust" | "rs" => Some(Check::Balance(Syntax::Rust)),
        "javascript" | "js" | "typescript" | "ts" => Some(Check::Balance(Syntax::Script)),
        "java" | "c" | "cpp" | "c++" | "csharp" | "cs" | "c#" | "kotlin" | "swift" => {
            Some(Check::Balance(Syntax::C))
        }
        "go" | "golang" => Some(Check::Balance(Syntax::Go)),
        _ => None,
    }
}
