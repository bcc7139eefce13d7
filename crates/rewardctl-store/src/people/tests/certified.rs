//! The audit log tells what was done to it.

use rewardctl_core::review::chain::{Entry, START, hash, hex};
use sqlx::Row;

use super::*;
use crate::people::audit::AuditReport;

#[tokio::test]
async fn the_audit_log_shows_what_was_tampered_with() {
    let (store, _folder, _) = asked(Kind::Rate, 3, 1, 1).await;
    let ana = person("ana");
    for at in 0..3 {
        let lease = claim(&store, &ana, at).await.unwrap();
        decide(&store, &ana, &lease, decision(Answer::Rate { value: 3.0 }), at).await.unwrap();
    }
    let report = store.check_audit(&store.heads_path()).await.unwrap();
    assert_eq!((report.entries, report.last_head, report.broken), (4, 4, None));
    for sql in ["UPDATE audit SET actor = 'ben' WHERE seq = 2", "DELETE FROM decisions"] {
        assert!(sqlx::query(sqlx::AssertSqlSafe(sql)).execute(&store.pool).await.is_err(), "{sql}");
    }
    let run = async |sql: &'static str| sqlx::query(sql).execute(&store.pool).await.map(drop).unwrap();
    run("DROP TRIGGER audit_stays").await;
    run("DELETE FROM audit WHERE seq = 4").await;
    let broken = store.check_audit(&store.heads_path()).await.unwrap().broken.unwrap();
    assert!(broken.contains("cut off"), "{broken}");
    run("DELETE FROM audit WHERE seq = 2").await;
    let broken = store.check_audit(&store.heads_path()).await.unwrap().broken.unwrap();
    assert!(broken.contains("entry 2 is missing"), "{broken}");
}

/// A log of three decisions of ana.
async fn logged() -> (Store, TempDir) {
    let (store, folder, _) = asked(Kind::Rate, 3, 1, 1).await;
    let ana = person("ana");
    for at in 0..3 {
        let lease = claim(&store, &ana, at).await.unwrap();
        decide(&store, &ana, &lease, decision(Answer::Rate { value: 3.0 }), at).await.unwrap();
    }
    (store, folder)
}

async fn run(store: &Store, sql: &str) {
    sqlx::query(sqlx::AssertSqlSafe(sql)).execute(&store.pool).await.unwrap();
}

async fn check(store: &Store) -> AuditReport {
    store.check_audit(&store.heads_path()).await.unwrap()
}

/// Changes who stands in the log, and hashes the chain anew.
async fn rewrite(store: &Store) {
    for trigger in ["audit_stays", "audit_is_final"] {
        run(store, &format!("DROP TRIGGER {trigger}")).await;
    }
    let rows = sqlx::query("SELECT * FROM audit ORDER BY seq").fetch_all(&store.pool).await.unwrap();
    let mut before = START;
    for row in rows {
        let mut entry = Entry {
            seq: row.get("seq"),
            at: row.get("at"),
            actor: row.get::<String, _>("actor").replace("test", "ben"),
            action: row.get("action"),
            body: row.get("body"),
            hash: START,
        };
        entry.hash = hash(&before, &entry);
        before = entry.hash;
        let sql = format!(
            "UPDATE audit SET actor = '{}', hash = x'{}' WHERE seq = {}",
            entry.actor,
            hex(&entry.hash),
            entry.seq
        );
        run(store, &sql).await;
    }
}

#[tokio::test]
async fn a_log_that_was_written_anew_is_not_certified() {
    let (store, folder) = logged().await;
    let copy = folder.path().join("copy.heads");
    std::fs::copy(store.heads_path(), &copy).unwrap();
    rewrite(&store).await;
    let broken = check(&store).await.broken.unwrap();
    assert!(broken.contains("written anew"), "{broken}");
    std::fs::remove_file(store.heads_path()).unwrap();
    let broken = check(&store).await.broken.unwrap();
    assert!(broken.contains("store.db.heads` is missing"), "{broken}");
    // The next entry makes a file of heads again, which says nothing of those before.
    store.add_work(&[], "eva", &now(9)).await.unwrap();
    let found = check(&store).await;
    assert_eq!((found.broken, found.without_head, found.first_without_head), (None, 4, Some(1)));
    let broken = store.check_audit(&copy).await.unwrap().broken.unwrap();
    assert!(broken.contains("written anew"), "{broken}");
}

#[tokio::test]
async fn heads_that_cannot_be_read_and_a_log_that_is_gone_are_told() {
    let (store, _folder) = logged().await;
    let heads = std::fs::read_to_string(store.heads_path()).unwrap();
    std::fs::write(store.heads_path(), heads.replacen(' ', "", 1)).unwrap();
    let broken = check(&store).await.broken.unwrap();
    assert!(broken.contains("no head in line 1"), "{broken}");
    run(&store, "DROP TRIGGER audit_stays").await;
    run(&store, "DELETE FROM audit").await;
    std::fs::remove_file(store.heads_path()).unwrap();
    let broken = check(&store).await.broken.unwrap();
    assert!(broken.contains("decision 1 is not kept as the log tells it"), "{broken}");
}

#[tokio::test]
async fn a_decision_is_what_the_log_tells() {
    let (store, _folder) = logged().await;
    for table in ["audit", "decisions"] {
        for verb in ["INSERT OR REPLACE INTO", "REPLACE INTO"] {
            let sql = format!("{verb} {table} SELECT * FROM {table} WHERE seq = 2");
            let replaced = sqlx::query(sqlx::AssertSqlSafe(sql)).execute(&store.pool).await;
            assert!(replaced.unwrap_err().to_string().contains("only ever added"), "{verb} {table}");
        }
    }
    store.undo(&person("ana"), None, &SETTINGS, &now(5)).await.unwrap();
    assert_eq!(check(&store).await.broken, None);
    run(&store, "DROP TRIGGER decisions_are_final").await;
    run(&store, "UPDATE decisions SET body = replace(body, '3.0', '5.0') WHERE seq = 2").await;
    assert_eq!(check(&store).await.broken.unwrap(), "decision 2 is not kept as the log tells it");
    run(&store, "UPDATE decisions SET body = replace(body, '5.0', '3.0') WHERE seq = 2").await;
    run(&store, "DROP TRIGGER decisions_stay").await;
    run(&store, "DELETE FROM decisions WHERE seq = 1").await;
    assert_eq!(check(&store).await.broken.unwrap(), "entry 2 tells of a decision that is not kept");
}
