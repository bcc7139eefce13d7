use std::path::Path;

use rewardctl_core::id::{ContentId, ItemId, ResponseId, Version};
use rewardctl_core::item::{Context, Item, Message, Response};
use rewardctl_core::label::{Judgement, Label};
use rewardctl_core::panel::{Panel, Quorum};
use rewardctl_core::reward::{Reward, Uncertainty};
use rewardctl_core::route::{Reason, Route};
use rewardctl_core::score::{Scale, Score};
use rewardctl_core::verdict::{Outcome, Verdict};
use tempfile::TempDir;

use crate::labels::Named;
use crate::open::Store;
use crate::save::{Batch, ItemRecord, NewRun, RewardRecord, RunId, VerdictRecord};

const NOW: &str = "2026-01-01T00:00:00Z";

async fn store() -> (Store, TempDir) {
    let folder = tempfile::tempdir().unwrap();
    (Store::open(&folder.path().join("deep/store.db")).await.unwrap(), folder)
}

fn version(n: u8) -> Version {
    ContentId::of("version", [[n].as_slice()])
}

async fn run(store: &Store, version: Version) -> RunId {
    let panel = Panel {
        name: "test".into(),
        dimensions: vec![],
        slots: vec![],
        quorum: Quorum { coverage: 0.0, dimensions: 0 },
    };
    store
        .begin_run(&NewRun { version, panel: &panel, seed: u64::MAX, inputs: &[], started: NOW })
        .await
        .unwrap()
}

fn item(name: &str, responses: &[&str]) -> (Item, ItemId, Vec<ResponseId>) {
    let context = Context { prompt: vec![Message::user("2+2?")], reference: None, documents: vec![] };
    let responses: Vec<Response> = responses
        .iter()
        .map(|text| Response { text: text.to_string(), generator: None, role: None })
        .collect();
    let id = context.id();
    let ids = responses.iter().map(|response| response.id(id)).collect();
    (Item { name: Some(name.into()), context, responses, metadata: String::new() }, id, ids)
}

fn reward(value: f64) -> Reward {
    Reward {
        reward: Score::new(value).unwrap(),
        dimensions: vec![],
        weights: vec![],
        uncertainty: Uncertainty {
            total: 0.1,
            between_critics: 0.1,
            within_critic: 0.0,
            coverage: 0.0,
            parameters: 0.0,
        },
        utility: None,
    }
}

async fn save(store: &Store, version: Version, texts: &[&str], route: &Route) -> Vec<ResponseId> {
    let run = run(store, version).await;
    let (item, id, responses) = item("ex-1", texts);
    let reward = reward(0.75);
    let rewards = responses.iter().map(|response| RewardRecord {
        response: *response,
        reward: Ok(&reward),
        route: Some(route),
    });
    let items = vec![ItemRecord { id, item: &item, responses: &responses }];
    let batch = Batch { items, verdicts: vec![], rewards: rewards.collect() };
    store.save(run, version, &batch).await.unwrap();
    responses
}

fn verdict(outcome: Outcome) -> Verdict {
    Verdict {
        critic: "rule.x".into(),
        dimension: "style".into(),
        outcome,
        rationale: String::new(),
        spans: vec![],
        flagged: false,
        evidence: None,
    }
}

#[tokio::test]
async fn a_run_repeated_adds_nothing() {
    let (store, _folder) = store().await;
    save(&store, version(1), &["4", "5"], &Route::Accept).await;
    let once = store.counts().await.unwrap();
    save(&store, version(1), &["4", "5"], &Route::Accept).await;
    let twice = store.counts().await.unwrap();
    assert_eq!((once.items, once.responses, once.rewards, once.accepted), (1, 2, 2, 2));
    assert_eq!(twice.runs, 2);
    assert_eq!(without_runs(&once), without_runs(&twice));
    let routes: i64 = sqlx::query_scalar("SELECT count(*) FROM routes").fetch_one(&store.pool).await.unwrap();
    assert_eq!(routes, 2);
}

fn without_runs(counts: &crate::read::Counts) -> crate::read::Counts {
    crate::read::Counts { runs: 0, runs_finished: 0, ..counts.clone() }
}

#[tokio::test]
async fn the_last_route_counts() {
    let (store, _folder) = store().await;
    save(&store, version(1), &["4"], &Route::Review(Reason::Uncertain)).await;
    assert_eq!(store.tasks(10).await.unwrap().len(), 1);
    save(&store, version(2), &["4"], &Route::Accept).await;
    assert_eq!(store.tasks(10).await.unwrap().len(), 0);
    // Back to the first panel: an old row must not hide the new route.
    save(&store, version(1), &["4"], &Route::Review(Reason::Uncertain)).await;
    assert_eq!(store.tasks(10).await.unwrap()[0].reason, "uncertain");
}

#[tokio::test]
async fn a_failure_is_never_known_and_may_be_said_again() {
    let (store, _folder) = store().await;
    let run = run(&store, version(1)).await;
    let (key, response) = (ContentId::of("k", [b"1".as_slice()]), ContentId::of("r", [b"1".as_slice()]));
    let failed = verdict(Outcome::Failed { reason: "timeout".into(), retryable: true });
    let scored = verdict(Outcome::Scored { score: Score::BEST, variance: None });
    for (said, known) in [(&failed, false), (&scored, true), (&failed, true)] {
        let record = VerdictRecord::new(key, response, "rules", std::slice::from_ref(said));
        let batch = Batch { verdicts: vec![record], ..Batch::default() };
        store.save(run, version(1), &batch).await.unwrap();
        assert_eq!(store.verdicts(&[key]).await.unwrap().contains_key(&key), known, "{said:?}");
    }
    assert_eq!(store.verdicts(&[key]).await.unwrap()[&key], [scored]);
}

#[tokio::test]
async fn a_batch_is_saved_whole_or_not_at_all() {
    let (store, _folder) = store().await;
    let run = run(&store, version(1)).await;
    sqlx::query("DROP TABLE routes").execute(&store.pool).await.unwrap();
    let (item, id, responses) = item("ex-1", &["4"]);
    let (reward, route) = (reward(0.5), Route::Accept);
    let rewards = vec![RewardRecord { response: responses[0], reward: Ok(&reward), route: Some(&route) }];
    let items = vec![ItemRecord { id, item: &item, responses: &responses }];
    let batch = Batch { items, verdicts: vec![], rewards };
    assert!(store.save(run, version(1), &batch).await.is_err());
    let items: i64 = sqlx::query_scalar("SELECT count(*) FROM items").fetch_one(&store.pool).await.unwrap();
    assert_eq!(items, 0);
}

#[tokio::test]
async fn a_name_given_twice_names_nothing() {
    let (store, _folder) = store().await;
    let first = save(&store, version(1), &["4"], &Route::Accept).await;
    let found = store.response_named("ex-1", 0).await.unwrap();
    assert!(matches!(found, Named::Response(response, _) if response == first[0]));
    // A later run may use the name for another text; one run may not use it for two.
    let second = save(&store, version(1), &["5"], &Route::Accept).await;
    let found = store.response_named("ex-1", 0).await.unwrap();
    assert!(matches!(found, Named::Response(response, _) if response == second[0]));
    let run = run(&store, version(1)).await;
    for text in ["6", "7"] {
        let (item, id, responses) = item("ex-1", &[text]);
        let items = vec![ItemRecord { id, item: &item, responses: &responses }];
        store.save(run, version(1), &Batch { items, ..Batch::default() }).await.unwrap();
    }
    assert_eq!(store.response_named("ex-1", 0).await.unwrap(), Named::Ambiguous);
    assert_eq!(store.response_named("ex-2", 0).await.unwrap(), Named::Unknown);
}

#[tokio::test]
async fn a_label_closes_the_task_and_the_last_word_is_kept() {
    let (store, _folder) = store().await;
    let responses = save(&store, version(1), &["4"], &Route::Review(Reason::Uncertain)).await;
    let item = store.item_of(responses[0]).await.unwrap().unwrap();
    let rate = |value| Label {
        item,
        judgement: Judgement::Rate { response: responses[0], value, scale: Scale::STARS, dimension: None },
        annotator: "ana".into(),
        note: String::new(),
    };
    assert_eq!(store.add_labels(&[rate(1.0), rate(1.0)], NOW).await.unwrap(), 1);
    // Changing one's mind back is a third word, not a repetition of the first.
    assert_eq!(store.add_labels(&[rate(5.0), rate(1.0)], NOW).await.unwrap(), 2);
    assert_eq!(store.labels().await.unwrap().last(), Some(&rate(1.0)));
    assert_eq!(store.tasks(10).await.unwrap(), []);
    assert_eq!(store.counts().await.unwrap().queued, 0);
}

#[tokio::test]
async fn the_ranking_finds_the_last_place() {
    let (store, _folder) = store().await;
    store.start_ranking().await.unwrap();
    let id = |n: u8| ContentId::from_bytes([n; 16]);
    store.rank(&[(id(1), 0.3), (id(2), 0.5), (id(3), 0.3), (id(4), 0.1)]).await.unwrap();
    assert_eq!(store.rank_at(1).await.unwrap(), Some((0.5, id(2))));
    assert_eq!(store.rank_at(2).await.unwrap(), Some((0.3, id(1))));
    assert_eq!(store.rank_at(5).await.unwrap(), None);
}

#[tokio::test]
async fn a_file_that_is_no_store_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("store.db");
    std::fs::write(&path, "this is not a database, but a text of some length").unwrap();
    check_open(&path, "failed to open the store `PATH`: it is another kind of file").await;
    check_open(folder.path(), "the store `PATH` is a folder, not a file").await;
}

/// Opens what is no store of ours and compares the error, its cause and not the database's own words.
async fn check_open(path: &Path, expected: &str) {
    let error = Store::open(path).await.unwrap_err();
    let cause = std::error::Error::source(&error).map(|cause| format!(": {cause}")).unwrap_or_default();
    let shown = format!("{error}{cause}").replace(&path.display().to_string(), "PATH");
    assert_eq!(shown, expected);
}

#[tokio::test]
async fn the_store_of_a_newer_program_is_refused() {
    let (store, folder) = store().await;
    let newer = "INSERT INTO _sqlx_migrations SELECT 1001, description, installed_on, success, checksum, \
                 execution_time FROM _sqlx_migrations WHERE version = 1";
    sqlx::query(newer).execute(&store.pool).await.unwrap();
    store.close().await;
    let path = folder.path().join("deep/store.db");
    check_open(&path, "failed to open the store `PATH`: it was written by a newer rewardctl").await;
}

#[tokio::test]
async fn a_full_disk_is_called_one() {
    let (store, _folder) = store().await;
    sqlx::query("PRAGMA max_page_count = 1").execute(&store.pool).await.unwrap();
    let panel = Panel {
        name: "long".repeat(100_000),
        dimensions: vec![],
        slots: vec![],
        quorum: Quorum { coverage: 0.0, dimensions: 0 },
    };
    let new = NewRun { version: version(1), panel: &panel, seed: 0, inputs: &[], started: NOW };
    let error = store.begin_run(&new).await.unwrap_err();
    assert_eq!(std::error::Error::source(&error).unwrap().to_string(), "the disk is full");
    assert!(error.hint().starts_with("make room"), "{}", error.hint());
}
