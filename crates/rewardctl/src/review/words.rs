//! Answers in words.

use rewardctl_core::review::decision::{Answer, Choice};

/// Returns what somebody just decided.
pub fn said(answer: &Answer) -> String {
    match answer {
        Answer::Rate { value } => format!("rated {value}"),
        Answer::Choose { choice, strength } => {
            let said = match choice {
                Choice::Left => "left is better",
                Choice::Right => "right is better",
                Choice::Tie => "as good",
                Choice::BothBad => "neither will do",
                Choice::CannotTell => "cannot tell",
            };
            if strength.is_some() { format!("{said}, slightly") } else { said.into() }
        }
        Answer::Rank { .. } => "ranked".into(),
        Answer::Correct { .. } => "corrected".into(),
        Answer::Approve {} => "approved".into(),
        Answer::Reject {} => "rejected".into(),
        Answer::Tag {} => "tagged".into(),
        Answer::Skip { .. } => "skipped".into(),
    }
}

/// Returns what somebody else decided.
pub fn opinion_of(answer: &Answer) -> String {
    match answer {
        Answer::Rate { value } => value.to_string(),
        Answer::Choose { choice, .. } => match choice {
            Choice::Left => "left".into(),
            Choice::Right => "right".into(),
            Choice::Tie => "as good".into(),
            Choice::BothBad => "neither".into(),
            Choice::CannotTell => "cannot tell".into(),
        },
        Answer::Rank { order } => {
            let places: Vec<String> = order.iter().map(|place| (place + 1).to_string()).collect();
            places.join(", ")
        }
        other => other.name().into(),
    }
}
