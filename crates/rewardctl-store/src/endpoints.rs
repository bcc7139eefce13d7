//! What the project knows of the endpoints that it asks: their dialects, and the secrets of the project.

use sqlx::Row;

use crate::error::Error;
use crate::open::Store;

/// What the secret behind the fences is called, and the one that keys hashes of personal data.
const FENCE: &str = "fence";
const PERSONAL_DATA: &str = "personal-data";

impl Store {
    /// Returns what an endpoint can do, as [`Store::keep_dialect`] kept it.
    pub async fn dialect(&self, endpoint: &str) -> Result<Option<String>, Error> {
        let row = sqlx::query("SELECT body FROM dialects WHERE endpoint = ?")
            .bind(endpoint)
            .fetch_optional(&self.pool)
            .await
            .map_err(Error::during("look up what an endpoint can do"))?;
        Ok(row.map(|row| row.get("body")))
    }

    /// Keeps what an endpoint can do, as JSON; the latest probe counts.
    pub async fn keep_dialect(&self, endpoint: &str, body: &str) -> Result<(), Error> {
        let mut connection =
            self.pool.acquire().await.map_err(Error::during("keep what an endpoint can do"))?;
        let _turn = self.turn.lock().await;
        sqlx::query("INSERT OR REPLACE INTO dialects (endpoint, body) VALUES (?, ?)")
            .bind(endpoint)
            .bind(body)
            .execute(&mut *connection)
            .await
            .map_err(Error::during("keep what an endpoint can do"))?;
        Ok(())
    }

    /// Returns the project's secret behind the fences; the first who asks gives it, from the random `fresh`.
    pub async fn fence_secret(&self, fresh: [u8; 32]) -> Result<[u8; 32], Error> {
        self.secret(FENCE, fresh).await
    }

    /// Returns the project's secret that keys hashes of personal data, made in the same way.
    pub async fn personal_data_secret(&self, fresh: [u8; 32]) -> Result<[u8; 32], Error> {
        self.secret(PERSONAL_DATA, fresh).await
    }

    async fn secret(&self, name: &str, fresh: [u8; 32]) -> Result<[u8; 32], Error> {
        let during = Error::during("make the project's secret");
        let mut connection = self.pool.acquire().await.map_err(&during)?;
        let _turn = self.turn.lock().await;
        sqlx::query("INSERT OR IGNORE INTO secrets (name, value) VALUES (?, ?)")
            .bind(name)
            .bind(fresh.as_slice())
            .execute(&mut *connection)
            .await
            .map_err(&during)?;
        let row = sqlx::query("SELECT value FROM secrets WHERE name = ?")
            .bind(name)
            .fetch_one(&mut *connection)
            .await
            .map_err(&during)?;
        let value: &[u8] = row.get("value");
        value.try_into().map_err(Error::broken("secrets"))
    }
}
