//! Who may come, and how they show who they are: only hashes of tokens are kept.

use rewardctl_core::review::role::Role;
use rewardctl_core::review::token::Kept;
use serde::Serialize;
use serde_json::json;
use sqlx::{Connection, Row};

use crate::error::Error;
use crate::open::Store;
use crate::people::audit::log;
use crate::people::refusal::Refusal;
use crate::people::{Now, Person};

/// A user, without anything secret.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct User {
    /// The name.
    pub name: String,
    /// The role.
    pub role: Role,
    /// The public part of the token.
    pub token_id: String,
    /// When they were added, in milliseconds since 1970.
    pub created_ms: i64,
}

impl Store {
    /// Adds a user, or one again who was removed.
    pub async fn add_user(&self, person: &Person, token: &Kept, actor: &str, now: &Now) -> Result<(), Error> {
        let during = Error::during("add a user");
        if !is_name(&person.name) {
            return Err(Refusal::Name(person.name.clone()).into());
        }
        let mut connection = self.pool.acquire().await.map_err(&during)?;
        let _turn = self.turn.lock().await;
        let mut transaction = connection.begin_with("BEGIN IMMEDIATE").await.map_err(&during)?;
        let sql = "INSERT INTO users (name, role, token_id, token_hash, created) VALUES (?, ?, ?, ?, ?) \
                   ON CONFLICT (name) DO UPDATE SET role = excluded.role, token_id = excluded.token_id, \
                   token_hash = excluded.token_hash, created = excluded.created, removed = NULL \
                   WHERE removed IS NOT NULL";
        let done = sqlx::query(sql)
            .bind(&person.name)
            .bind(person.role.name())
            .bind(&token.id)
            .bind(token.hash.as_slice())
            .bind(now.ms)
            .execute(&mut *transaction)
            .await
            .map_err(&during)?;
        if done.rows_affected() == 0 {
            return Err(Refusal::UserExists(person.name.clone()).into());
        }
        let body = json!({"name": person.name, "role": person.role, "token_id": token.id});
        let head = log(&mut transaction, actor, "user.add", &body, now).await?;
        transaction.commit().await.map_err(&during)?;
        self.note_head(head)
    }

    /// Removes a user and ends their sessions; what they said stays.
    pub async fn remove_user(&self, name: &str, actor: &str, now: &Now) -> Result<(), Error> {
        let during = Error::during("remove a user");
        let mut connection = self.pool.acquire().await.map_err(&during)?;
        let _turn = self.turn.lock().await;
        let mut transaction = connection.begin_with("BEGIN IMMEDIATE").await.map_err(&during)?;
        let done = sqlx::query("UPDATE users SET removed = ? WHERE name = ? AND removed IS NULL")
            .bind(now.ms)
            .bind(name)
            .execute(&mut *transaction)
            .await
            .map_err(&during)?;
        if done.rows_affected() == 0 {
            return Err(Refusal::NoUser(name.into()).into());
        }
        let end = sqlx::query("DELETE FROM sessions WHERE user = ?").bind(name);
        end.execute(&mut *transaction).await.map_err(&during)?;
        let head = log(&mut transaction, actor, "user.remove", &json!({"name": name}), now).await?;
        transaction.commit().await.map_err(&during)?;
        self.note_head(head)
    }

    /// Returns the users, by name.
    pub async fn users(&self) -> Result<Vec<User>, Error> {
        let sql = "SELECT name, role, token_id, created FROM users WHERE removed IS NULL ORDER BY name";
        let rows = sqlx::query(sql).fetch_all(&self.pool).await.map_err(Error::during("list users"))?;
        let user = |row: &sqlx::sqlite::SqliteRow| User {
            name: row.get("name"),
            role: Role::named(row.get("role")).unwrap_or(Role::Viewer),
            token_id: row.get("token_id"),
            created_ms: row.get("created"),
        };
        Ok(rows.iter().map(user).collect())
    }

    /// Tells whether there is any user.
    pub async fn has_users(&self) -> Result<bool, Error> {
        let sql = "SELECT EXISTS (SELECT 1 FROM users WHERE removed IS NULL)";
        sqlx::query_scalar(sql).fetch_one(&self.pool).await.map_err(Error::during("look up users"))
    }

    /// Returns the user of this name; None if there is none.
    pub async fn user(&self, name: &str) -> Result<Option<Person>, Error> {
        let found = self.users().await?.into_iter().find(|user| user.name == name);
        Ok(found.map(|user| Person { name: user.name, role: user.role }))
    }

    /// Returns whose token has this public part, and the hash of its secret part.
    pub async fn user_of_token(&self, token_id: &str) -> Result<Option<(Person, [u8; 32])>, Error> {
        let sql = "SELECT name, role, token_hash FROM users WHERE token_id = ? AND removed IS NULL";
        let row = sqlx::query(sql).bind(token_id).fetch_optional(&self.pool).await;
        let Some(row) = row.map_err(Error::during("look up a token"))? else { return Ok(None) };
        let hash: &[u8] = row.get("token_hash");
        let person =
            Person { name: row.get("name"), role: Role::named(row.get("role")).unwrap_or(Role::Viewer) };
        Ok(Some((person, hash.try_into().map_err(Error::broken("users"))?)))
    }

    /// Notes a session of `user` under the hash of its cookie, and forgets those that are over.
    pub async fn add_session(
        &self,
        hash: &[u8; 32],
        user: &str,
        expires: i64,
        now: &Now,
    ) -> Result<(), Error> {
        let during = Error::during("note a session");
        let mut connection = self.pool.acquire().await.map_err(&during)?;
        let _turn = self.turn.lock().await;
        let forget = sqlx::query("DELETE FROM sessions WHERE expires <= ?").bind(now.ms);
        forget.execute(&mut *connection).await.map_err(&during)?;
        let insert = sqlx::query("INSERT INTO sessions (hash, user, expires) VALUES (?, ?, ?)");
        let insert = insert.bind(hash.as_slice()).bind(user).bind(expires);
        insert.execute(&mut *connection).await.map_err(&during)?;
        Ok(())
    }

    /// Returns whose session it is.
    pub async fn user_of_session(&self, hash: &[u8; 32], now: &Now) -> Result<Option<Person>, Error> {
        let sql = "SELECT name, role FROM sessions JOIN users ON users.name = sessions.user \
                   WHERE hash = ? AND expires > ? AND removed IS NULL";
        let row = sqlx::query(sql).bind(hash.as_slice()).bind(now.ms).fetch_optional(&self.pool).await;
        let row = row.map_err(Error::during("look up a session"))?;
        Ok(row.map(|row| Person {
            name: row.get("name"),
            role: Role::named(row.get("role")).unwrap_or(Role::Viewer),
        }))
    }

    /// Ends a session.
    pub async fn end_session(&self, hash: &[u8; 32]) -> Result<(), Error> {
        let during = Error::during("end a session");
        let mut connection = self.pool.acquire().await.map_err(&during)?;
        let _turn = self.turn.lock().await;
        let end = sqlx::query("DELETE FROM sessions WHERE hash = ?").bind(hash.as_slice());
        end.execute(&mut *connection).await.map_err(&during)?;
        Ok(())
    }
}

fn is_name(name: &str) -> bool {
    let is_part = |c: char| c.is_alphanumeric() || matches!(c, '.' | '-' | '_' | '@');
    (1..=64).contains(&name.chars().count()) && name.chars().all(is_part)
}
