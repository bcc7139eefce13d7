//! Answers and tasks in words.

use rewardctl_core::review::decision::{Answer, Choice};
use rewardctl_store::people::lease::Lease;
use rewardctl_store::people::resume::LeftOut;

use crate::report::counted;
use crate::show::printable;

/// Characters of a prompt that tell a task.
const BEGINNING: usize = 40;

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

/// Returns how the prompt of a task begins.
pub fn beginning(task: &Lease) -> String {
    task.prompt.last().map_or(String::new(), |turn| printable(&turn.content, BEGINNING))
}

/// Returns what became of tasks that somebody held and that the filter leaves out.
pub fn outside(left_out: &LeftOut) -> String {
    let given_back = match left_out.given_back.len() as u64 {
        0 => None,
        count => Some(format!("{} outside of the filter given back", counted(count, "task"))),
    };
    let numbers: Vec<String> = left_out.drafted.iter().map(i64::to_string).collect();
    let drafted = match &numbers[..] {
        [] => None,
        [one] => Some(format!("task {one} is outside of the filter, and comes first: you typed on it")),
        many => Some(format!(
            "tasks {} are outside of the filter, and come first: you typed on them",
            many.join(", ")
        )),
    };
    given_back.into_iter().chain(drafted).collect::<Vec<_>>().join("; ")
}
