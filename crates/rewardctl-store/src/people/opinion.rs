//! What others said of a task, for those who may know it.

use rewardctl_core::id::ContentId;
use rewardctl_core::review::decision::{Answer, Choice, Decision};
use serde::Serialize;
use sqlx::{Row, SqliteConnection};

use crate::error::Error;
use crate::people::ids;

/// What somebody said, without a name, in the order that the reader sees.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Opinion {
    /// The answer.
    pub answer: Answer,
    /// Why.
    pub note: String,
}

/// Returns what others decided, as seen in `order`.
pub(crate) async fn opinions(
    connection: &mut SqliteConnection,
    task: i64,
    order: &[ContentId],
) -> Result<Vec<Opinion>, Error> {
    let sql = "SELECT decisions.body, grants.shown FROM slots JOIN decisions ON decisions.seq = slots.decision \
               JOIN grants ON grants.token = slots.token WHERE slots.work = ? ORDER BY decisions.seq";
    let rows = sqlx::query(sql).bind(task).fetch_all(connection).await;
    let mut opinions = vec![];
    for row in rows.map_err(Error::during("read a task"))? {
        let said: Decision = serde_json::from_str(row.get("body")).map_err(Error::broken("decisions"))?;
        let shown = ids("grants", &row, "shown")?;
        opinions.push(Opinion { answer: turned(said.answer, &shown, order), note: said.note });
    }
    Ok(opinions)
}

/// Returns an answer given in the order `from` as one in the order `to`.
pub(crate) fn turned(answer: Answer, from: &[ContentId], to: &[ContentId]) -> Answer {
    let place = |at: usize| to.iter().position(|id| from.get(at) == Some(id)).unwrap_or(at);
    match answer {
        Answer::Choose { choice, strength } if from != to => {
            let choice = match choice {
                Choice::Left => Choice::Right,
                Choice::Right => Choice::Left,
                other => other,
            };
            Answer::Choose { choice, strength }
        }
        Answer::Rank { order } => Answer::Rank { order: order.into_iter().map(place).collect() },
        Answer::Correct { place: at, text } => Answer::Correct { place: place(at), text },
        other => other,
    }
}
