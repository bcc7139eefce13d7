//! Rules of accuracy: a response against its reference, its documents, and the grammar of what it claims to be.

use crate::rules::judgement::Judgement;

pub(crate) mod code_parses;
pub(crate) mod exact_match;
pub(crate) mod grounding;
pub(crate) mod json_valid;
pub(crate) mod number_match;
pub(crate) mod rouge_l;
pub(crate) mod token_f1;

/// Beyond this, a measure of overlap measures length: a right answer in full sentences would lose to a wrong one.
const LONGEST_RATIO: usize = 4;
/// Why a rule that compares with the reference says nothing.
const NO_REFERENCE: &str = "there is no reference";

/// Gives the F1 of `common` words out of two counts, or abstains where it would say nothing.
fn overlap(common: usize, of_response: usize, of_reference: usize) -> Judgement {
    if of_response > LONGEST_RATIO * of_reference {
        return Judgement::abstained(format!(
            "the response has more than {LONGEST_RATIO} times the words of the reference"
        ));
    }
    let rationale =
        format!("{common} words in common, {of_response} in the response, {of_reference} in the reference");
    Judgement::scored(f1(common, of_response, of_reference), rationale)
}

/// Returns the harmonic mean of precision and recall; two texts without words are equal.
fn f1(common: usize, of_response: usize, of_reference: usize) -> f64 {
    if of_response == 0 && of_reference == 0 {
        return 1.0;
    }
    // 2pr/(p + r) with p = common/of_response and r = common/of_reference.
    2.0 * common as f64 / (of_response + of_reference) as f64
}
