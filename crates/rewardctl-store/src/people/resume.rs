//! What somebody holds from before, where they come back with a filter.

use sqlx::{Connection, Row};

use crate::error::Error;
use crate::open::Store;
use crate::people::Person;
use crate::people::lease::{Ask, bound};
use crate::people::work::{TaskFilter, open_slots};

/// What of it the filter leaves out.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LeftOut {
    /// Tasks that were given back.
    pub given_back: Vec<i64>,
    /// Tasks that stay, since something was typed on them.
    pub drafted: Vec<i64>,
}

const MATCHING: &str = concat!(
    "SELECT seq FROM work WHERE ?2 IS NOT NULL \
     AND seq IN (SELECT work FROM slots WHERE reviewer = ?1 AND expires IS NOT NULL) AND ",
    include_str!("matches.sql")
);

impl Store {
    /// Gives back what `person` holds and the filter leaves out, unless they typed something on it.
    pub async fn give_back_others(&self, person: &Person, filter: &TaskFilter) -> Result<LeftOut, Error> {
        let during = Error::during("give tasks back");
        let mut connection = self.pool.acquire().await.map_err(&during)?;
        let _turn = self.turn.lock().await;
        let mut transaction = connection.begin_with("BEGIN IMMEDIATE").await.map_err(&during)?;
        let ask = Ask { filter: filter.clone(), ..Ask::default() };
        let matching = bound(MATCHING, person, &ask).fetch_all(&mut *transaction).await.map_err(&during)?;
        let sql = "SELECT work, EXISTS (SELECT 1 FROM drafts WHERE drafts.work = slots.work \
                   AND drafts.reviewer = slots.reviewer) AS drafted FROM slots \
                   WHERE reviewer = ? AND expires IS NOT NULL ORDER BY work";
        let held = sqlx::query(sql).bind(&person.name).fetch_all(&mut *transaction).await;
        let mut left_out = LeftOut::default();
        for row in held.map_err(&during)? {
            let task = row.get("work");
            if matching.contains(&task) {
                continue;
            }
            if row.get("drafted") {
                left_out.drafted.push(task);
                continue;
            }
            let delete = sqlx::query("DELETE FROM slots WHERE work = ? AND reviewer = ?").bind(task);
            delete.bind(&person.name).execute(&mut *transaction).await.map_err(&during)?;
            open_slots(&mut transaction, task, 1).await.map_err(&during)?;
            left_out.given_back.push(task);
        }
        transaction.commit().await.map_err(&during)?;
        Ok(left_out)
    }
}
