//! Finished calls, to learn from what the next ones will take.

use sqlx::Row;
use sqlx::sqlite::SqliteRow;

use super::Purpose;
use crate::body::decompress;
use crate::error::Error;
use crate::open::Store;

/// A call that was answered, and what it took.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FinishedCall {
    /// The body of the request.
    pub request: Vec<u8>,
    /// Tokens read.
    pub input_tokens: u64,
    /// Tokens written.
    pub output_tokens: u64,
}

impl Store {
    /// Returns up to `limit` answered calls to `model` at `endpoint` of which the tokens are known, in the order of
    /// their keys: these are hashes, so that it is a fair sample, and the same one each time.
    pub async fn finished_calls(
        &self,
        purpose: Purpose,
        endpoint: &str,
        model: &str,
        limit: u32,
    ) -> Result<Vec<FinishedCall>, Error> {
        let sql = "SELECT calls.request, attempt_ends.input_tokens, attempt_ends.output_tokens FROM calls \
                   JOIN attempts ON attempts.call = calls.seq \
                   JOIN attempt_ends ON attempt_ends.attempt = attempts.seq \
                   WHERE attempt_ends.state = 'done' AND attempt_ends.input_tokens IS NOT NULL \
                   AND attempt_ends.output_tokens IS NOT NULL \
                   AND calls.purpose = ? AND calls.endpoint = ? AND calls.model = ? \
                   ORDER BY calls.key LIMIT ?";
        let rows = sqlx::query(sql)
            .bind(purpose.name())
            .bind(endpoint)
            .bind(model)
            .bind(limit)
            .fetch_all(&self.pool)
            .await
            .map_err(Error::during("look at finished calls"))?;
        rows.iter().map(finished).collect()
    }
}

fn finished(row: &SqliteRow) -> Result<FinishedCall, Error> {
    let count = |column: &str| row.get::<i64, _>(column).cast_unsigned();
    Ok(FinishedCall {
        request: decompress("calls", row.get("request"))?,
        input_tokens: count("input_tokens"),
        output_tokens: count("output_tokens"),
    })
}
