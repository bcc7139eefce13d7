//! What people said, and how their files name what they said it of.

use rewardctl_core::id::{ItemId, ResponseId};
use rewardctl_core::label::Label;
use sqlx::{Connection, Row, SqliteConnection};

use crate::error::Error;
use crate::open::Store;
use crate::read::id;
use crate::save::bytes;

/// What a name in a label file stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Named {
    /// This response to this item.
    Response(ResponseId, ItemId),
    /// More than one response: the input used the name twice.
    Ambiguous,
    /// Nothing that the store knows.
    Unknown,
}

impl Store {
    /// Returns the response that the input calls `name`, at `position` of that row.
    pub async fn response_named(&self, name: &str, position: u32) -> Result<Named, Error> {
        let sql = "SELECT names.response, responses.item FROM names \
                   LEFT JOIN responses ON responses.id = names.response WHERE name = ? AND position = ?";
        let row = sqlx::query(sql)
            .bind(name)
            .bind(position)
            .fetch_optional(&self.pool)
            .await
            .map_err(Error::during("look up a name"))?;
        let Some(row) = row else { return Ok(Named::Unknown) };
        if row.get::<Option<&[u8]>, _>("response").is_none() {
            return Ok(Named::Ambiguous);
        }
        Ok(Named::Response(id("names", &row, "response")?, id("responses", &row, "item")?))
    }

    /// Returns the response at `position` among the responses to `item`, in the order of [`Store::items`].
    pub async fn response_of_item(&self, item: ItemId, position: u32) -> Result<Named, Error> {
        let sql = "SELECT id FROM responses WHERE item = ? ORDER BY seq LIMIT 1 OFFSET ?";
        let row = sqlx::query(sql).bind(bytes(item)).bind(position).fetch_optional(&self.pool).await;
        match row.map_err(Error::during("look up a response"))? {
            Some(row) => Ok(Named::Response(id("responses", &row, "id")?, item)),
            None => Ok(Named::Unknown),
        }
    }

    /// Returns the item that `response` answers; None if the store does not know the response.
    pub async fn item_of(&self, response: ResponseId) -> Result<Option<ItemId>, Error> {
        let row = sqlx::query("SELECT item FROM responses WHERE id = ?")
            .bind(bytes(response))
            .fetch_optional(&self.pool)
            .await
            .map_err(Error::during("look up a response"))?;
        row.map(|row| id("responses", &row, "item")).transpose()
    }

    /// Adds labels, all or none. A label that only repeats a person's last word on its target adds nothing.
    ///
    /// Returns how many were new.
    pub async fn add_labels(&self, labels: &[Label], imported: &str) -> Result<usize, Error> {
        let during = Error::during("add labels");
        let mut connection = self.pool.acquire().await.map_err(&during)?;
        let _turn = self.turn.lock().await;
        let mut transaction = connection.begin_with("BEGIN IMMEDIATE").await.map_err(&during)?;
        let mut added = 0;
        for label in labels {
            let body = serde_json::to_string(label).map_err(Error::broken("labels"))?;
            let new = add_label(&mut transaction, label, &body, imported).await.map_err(&during)?;
            added += usize::from(new.is_some());
        }
        transaction.commit().await.map_err(&during)?;
        Ok(added)
    }

    /// Returns the dimensions of all panels that scored here, sorted.
    pub async fn dimensions(&self) -> Result<Vec<String>, Error> {
        let sql = "SELECT DISTINCT json_extract(dimension.value, '$.name') AS name \
                   FROM runs, json_each(runs.panel, '$.dimensions') AS dimension ORDER BY name";
        let names = sqlx::query_scalar(sql).fetch_all(&self.pool).await;
        names.map_err(Error::during("list its dimensions"))
    }

    /// Returns all labels, in the order in which they were given.
    pub async fn labels(&self) -> Result<Vec<Label>, Error> {
        let rows =
            sqlx::query_scalar("SELECT body FROM labels_in_force ORDER BY seq").fetch_all(&self.pool).await;
        parse(rows.map_err(Error::during("read labels"))?)
    }

    /// Returns the labels of an item's responses, in the order in which they were given.
    pub async fn labels_of(&self, item: ItemId) -> Result<Vec<Label>, Error> {
        let rows = sqlx::query_scalar("SELECT body FROM labels_in_force WHERE item = ? ORDER BY seq")
            .bind(bytes(item))
            .fetch_all(&self.pool)
            .await;
        parse(rows.map_err(Error::during("read labels"))?)
    }
}

fn parse(bodies: Vec<String>) -> Result<Vec<Label>, Error> {
    bodies.iter().map(|body| serde_json::from_str(body).map_err(Error::broken("labels"))).collect()
}

/// Adds a label and returns its place; None if it only repeats the person's last word on its target.
pub(crate) async fn add_label(
    connection: &mut SqliteConnection,
    label: &Label,
    body: &str,
    imported: &str,
) -> Result<Option<i64>, sqlx::Error> {
    let last: Option<String> =
        sqlx::query_scalar("SELECT body FROM labels_in_force WHERE target = ? ORDER BY seq DESC LIMIT 1")
            .bind(label.target())
            .fetch_optional(&mut *connection)
            .await?;
    if last.as_deref() == Some(body) {
        return Ok(None);
    }
    let insert = "INSERT INTO labels (item, target, annotator, body, imported) VALUES (?, ?, ?, ?, ?)";
    let done = sqlx::query(insert)
        .bind(bytes(label.item))
        .bind(label.target())
        .bind(&label.annotator)
        .bind(body)
        .bind(imported)
        .execute(&mut *connection)
        .await?;
    for response in label.responses() {
        sqlx::query("INSERT OR IGNORE INTO labelled_responses (response, label) VALUES (?, ?)")
            .bind(bytes(response))
            .bind(done.last_insert_rowid())
            .execute(&mut *connection)
            .await?;
    }
    Ok(Some(done.last_insert_rowid()))
}
