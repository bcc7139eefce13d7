//! `rule.rouge_l`: which words of the reference the response has, in the same order.
//!
//! ROUGE-L: Lin, "ROUGE: A Package for Automatic Evaluation of Summaries", 2004. The longest common subsequence is
//! found bit-parallel: Hyyrö, "Bit-Parallel LCS-length Computation Revisited", 2004.

use std::collections::HashMap;

use crate::rules::RuleInfo;
use crate::rules::accuracy::{NO_REFERENCE, overlap};
use crate::rules::judgement::Judgement;
use crate::rules::subject::Subject;
use crate::rules::text::word::{Apostrophe, words};

pub(crate) const INFO: RuleInfo = RuleInfo {
    critic: "rule.rouge_l",
    dimension: "accuracy",
    measures: "ROUGE-L F1 (Lin 2004): harmonic mean of precision and recall of the longest common subsequence of words, \
               over the first 4,096 words of each.",
};

/// Words beyond are not compared, which bounds the cost at a quarter of a million steps.
const LONGEST: usize = 4096;

pub(crate) fn judge(subject: &Subject<'_>) -> Judgement {
    let Some(reference) = subject.reference() else {
        return Judgement::abstained(NO_REFERENCE);
    };
    let (of_response, of_reference) = (tokens(subject.response.raw), tokens(reference));
    overlap(common_subsequence(&of_response, &of_reference), of_response.len(), of_reference.len())
}

/// Returns the keys of the words as ROUGE sees them: runs of letters and digits.
pub(crate) fn tokens(text: &str) -> Vec<u64> {
    words(text, Apostrophe::Parts).into_iter().take(LONGEST).map(|word| word.key).collect()
}

/// Returns the length of the longest common subsequence.
fn common_subsequence(a: &[u64], b: &[u64]) -> usize {
    const BITS: usize = u64::BITS as usize;
    let blocks = a.len().div_ceil(BITS);
    let mut places: HashMap<u64, Vec<u64>> = HashMap::new();
    for (at, token) in a.iter().enumerate() {
        places.entry(*token).or_insert_with(|| vec![0; blocks])[at / BITS] |= 1 << (at % BITS);
    }
    // Bit `i` is 0 where the subsequence of the prefix `..=i` grows: V' = (V + (V & M)) | (V & !M).
    let mut row = vec![u64::MAX; blocks];
    for token in b {
        let Some(matches) = places.get(token) else { continue };
        let mut carry = false;
        for (bits, matches) in row.iter_mut().zip(matches) {
            let (sum, first) = bits.overflowing_add(*bits & matches);
            let (sum, second) = sum.overflowing_add(u64::from(carry));
            carry = first || second;
            *bits = sum | (*bits & !matches);
        }
    }
    let zeros = |at: usize| row[at / BITS] >> (at % BITS) & 1 == 0;
    (0..a.len()).filter(|at| zeros(*at)).count()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The textbook's table, which the bits stand for.
    fn by_table(a: &[u64], b: &[u64]) -> usize {
        let mut row = vec![0; b.len() + 1];
        for x in a {
            let mut diagonal = 0;
            for (at, y) in b.iter().enumerate() {
                let above = row[at + 1];
                row[at + 1] = if x == y { diagonal + 1 } else { above.max(row[at]) };
                diagonal = above;
            }
        }
        row[b.len()]
    }

    proptest! {
        #[test]
        fn the_bits_count_what_the_table_counts(
            a in prop::collection::vec(0_u64..6, 0..200),
            b in prop::collection::vec(0_u64..6, 0..200),
        ) {
            prop_assert_eq!(common_subsequence(&a, &b), by_table(&a, &b));
        }
    }
}
