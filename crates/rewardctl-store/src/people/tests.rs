use std::collections::BTreeSet;

use rewardctl_core::id::{ContentId, ItemId, ResponseId};
use rewardctl_core::item::{Context, Item, Message, Response};
use rewardctl_core::label::{Judgement, Label, Winner};
use rewardctl_core::review::decision::{Answer, Choice, Decision, SkipReason};
use rewardctl_core::review::question::{Kind, Question};
use rewardctl_core::review::role::Role;
use rewardctl_core::score::Scale;
use tempfile::TempDir;

use crate::error::Error;
use crate::open::Store;
use crate::people::decide::Deciding;
use crate::people::lease::{Ask, Lease};
use crate::people::refusal::Refusal;
use crate::people::work::NewWork;
use crate::people::{Now, Person, WorkSettings};
use crate::save::ItemRecord;

mod blind;
mod certified;
mod filters;
mod laws;
mod taken_back;

const SETTINGS: WorkSettings =
    WorkSettings { overlap: 1, lease_ms: 1000, repeat_share: 0.0, gold_share: 0.0, seed: 7 };

fn now(ms: i64) -> Now {
    Now { ms, text: "2026-01-01T00:00:00Z".into() }
}

fn person(name: &str) -> Person {
    Person { name: name.into(), role: Role::Reviewer }
}

fn curator(name: &str) -> Person {
    Person { name: name.into(), role: Role::Curator }
}

fn ask(count: usize) -> Ask {
    Ask { count, ..Ask::default() }
}

fn item(n: usize, responses: usize) -> (Item, ItemId, Vec<ResponseId>) {
    let context =
        Context { prompt: vec![Message::user(format!("question {n}"))], reference: None, documents: vec![] };
    let text = |at: usize| Response { text: format!("answer {n}.{at}"), generator: None, role: None };
    let responses: Vec<Response> = (0..responses).map(text).collect();
    let id = context.id();
    let ids = responses.iter().map(|response| response.id(id)).collect();
    (Item { name: None, context, responses, metadata: String::new() }, id, ids)
}

/// A store with as many tasks, each with as many responses and places.
async fn asked(kind: Kind, tasks: usize, responses: usize, needed: u32) -> (Store, TempDir, Vec<Question>) {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(&folder.path().join("store.db")).await.unwrap();
    let (mut work, mut questions) = (vec![], vec![]);
    for n in 0..tasks {
        let (item, id, responses) = item(n, responses);
        store.add_items(&[ItemRecord { id, item: &item, responses: &responses }]).await.unwrap();
        let mut sorted = responses.clone();
        sorted.sort();
        let question = Question { kind, item: id, responses: sorted, dimension: None, scale: Scale::STARS };
        questions.push(question.clone());
        work.push(NewWork { question, reason: "by hand".into(), needed, gold: None });
    }
    assert_eq!(store.add_work(&work, "test", &now(0)).await.unwrap().added, tasks as u64);
    (store, folder, questions)
}

fn decision(answer: Answer) -> Decision {
    Decision { answer, note: String::new(), tags: vec![], elapsed_ms: Some(900) }
}

fn choose(choice: Choice) -> Decision {
    decision(Answer::Choose { choice, strength: None })
}

async fn claim(store: &Store, who: &Person, at: i64) -> Option<Lease> {
    store.claim(who, &ask(1), &SETTINGS, &now(at)).await.unwrap().into_iter().next()
}

async fn decide(
    store: &Store,
    who: &Person,
    lease: &Lease,
    decision: Decision,
    at: i64,
) -> Result<usize, Error> {
    let deciding = Deciding { task: lease.task, token: lease.token, decision, request: None };
    Ok(store.decide(who, &deciding, &SETTINGS, &now(at)).await?.labels)
}

fn refusal<T: std::fmt::Debug>(outcome: Result<T, Error>) -> &'static str {
    match outcome {
        Err(Error::Refused(refusal)) => refusal.code(),
        other => panic!("not refused: {other:?}"),
    }
}

/// The decision that prefers `response`, as it is shown.
fn prefer(lease: &Lease, response: ResponseId) -> Decision {
    choose(if lease.responses[0].id == response { Choice::Left } else { Choice::Right })
}

#[tokio::test]
async fn nobody_gets_what_somebody_holds() {
    let (store, _folder, _) = asked(Kind::Rate, 1, 1, 1).await;
    let (ana, ben) = (person("ana"), person("ben"));
    let first = claim(&store, &ana, 10).await.unwrap();
    assert!(claim(&store, &ben, 500).await.is_none());
    // The time is over: ben gets it, and ana is told so.
    let second = claim(&store, &ben, 1010).await.unwrap();
    assert!(second.token > first.token);
    let late = decide(&store, &ana, &first, decision(Answer::Rate { value: 4.0 }), 1011).await;
    assert_eq!(refusal(late), "lease_lost");
    assert_eq!(decide(&store, &ben, &second, decision(Answer::Rate { value: 2.0 }), 1012).await.unwrap(), 1);
    assert_eq!(store.labels().await.unwrap().len(), 1);
}

#[tokio::test]
async fn a_late_decision_counts_while_nobody_came() {
    let (store, _folder, _) = asked(Kind::Rate, 2, 1, 1).await;
    let (ana, ben) = (person("ana"), person("ben"));
    let first = claim(&store, &ana, 0).await.unwrap();
    // Ben's claim sweeps ana's place, but takes the other task, which comes first only because he asks for it.
    let held = store.claim(&ben, &ask(1), &SETTINGS, &now(10)).await.unwrap();
    assert_ne!(held[0].task, first.task);
    assert!(store.claim(&person("cem"), &ask(0), &SETTINGS, &now(2000)).await.unwrap().is_empty());
    assert_eq!(decide(&store, &ana, &first, decision(Answer::Rate { value: 4.0 }), 2001).await.unwrap(), 1);
}

#[tokio::test]
async fn a_heartbeat_holds() {
    let (store, _folder, _) = asked(Kind::Rate, 1, 1, 1).await;
    let (ana, ben) = (person("ana"), person("ben"));
    let lease = claim(&store, &ana, 0).await.unwrap();
    let until = store.heartbeat(&ana, lease.task, lease.token, (&SETTINGS, &now(900))).await.unwrap();
    assert_eq!(until, 1900);
    assert!(claim(&store, &ben, 1500).await.is_none());
    let wrong = store.heartbeat(&ben, lease.task, lease.token, (&SETTINGS, &now(900))).await;
    assert_eq!(refusal(wrong), "lease_lost");
    store.give_back(&ana, lease.task, lease.token).await.unwrap();
    assert!(claim(&store, &ben, 1501).await.is_some());
}

#[tokio::test]
async fn the_same_request_twice_is_one() {
    let (store, _folder, _) = asked(Kind::Choose, 3, 2, 1).await;
    let ana = person("ana");
    let once = Ask { request: Some("r1".into()), ..ask(2) };
    let first = store.claim(&ana, &once, &SETTINGS, &now(0)).await.unwrap();
    let again = store.claim(&ana, &once, &SETTINGS, &now(1)).await.unwrap();
    assert_eq!((first.len(), &first), (2, &again));
    let (task, token) = (first[0].task, first[0].token);
    let deciding = Deciding { task, token, decision: choose(Choice::Left), request: Some("d1".into()) };
    let kept = store.decide(&ana, &deciding, &SETTINGS, &now(2)).await.unwrap();
    let again = store.decide(&ana, &deciding, &SETTINGS, &now(3)).await.unwrap();
    assert_eq!((kept.decision, kept.repeated, again.decision, again.repeated), (1, false, 1, true));
    let other = Deciding { decision: choose(Choice::Right), ..deciding.clone() };
    assert_eq!(refusal(store.decide(&ana, &other, &SETTINGS, &now(4)).await), "key_reused");
    let unnamed = Deciding { request: None, ..deciding.clone() };
    assert!(store.decide(&ana, &unnamed, &SETTINGS, &now(5)).await.unwrap().repeated);
    let changed = Deciding { request: None, ..other };
    assert_eq!(refusal(store.decide(&ana, &changed, &SETTINGS, &now(6)).await), "already_decided");
    assert_eq!(store.labels().await.unwrap().len(), 1);
}

#[tokio::test]
async fn what_is_undone_counts_no_more_and_comes_again() {
    let (store, _folder, questions) = asked(Kind::Choose, 2, 2, 1).await;
    let ana = person("ana");
    let lease = claim(&store, &ana, 0).await.unwrap();
    let better = questions[0].responses[0];
    decide(&store, &ana, &lease, prefer(&lease, better), 1).await.unwrap();
    let undone = store.undo(&ana, Some("u1"), &SETTINGS, &now(2)).await.unwrap();
    assert_eq!((undone.withdrawn, undone.lease.task), (1, lease.task));
    assert_eq!(undone.lease.responses, lease.responses);
    assert_eq!((store.labels().await.unwrap().len(), store.counts().await.unwrap().labels), (0, 0));
    let again = store.undo(&ana, Some("u1"), &SETTINGS, &now(3)).await.unwrap();
    assert_eq!(again.lease.token, undone.lease.token);
    // The old lease is over, the new one takes another answer.
    assert_eq!(refusal(decide(&store, &ana, &lease, choose(Choice::Tie), 4).await), "lease_lost");
    assert_eq!(decide(&store, &ana, &undone.lease, prefer(&lease, better), 5).await.unwrap(), 1);
    assert_eq!(store.labels().await.unwrap().len(), 1);
    store.undo(&ana, None, &SETTINGS, &now(6)).await.unwrap();
    assert_eq!(refusal(store.undo(&ana, None, &SETTINGS, &now(7)).await), "nothing_to_undo");
    assert_eq!(store.check_audit(&store.heads_path()).await.unwrap().broken, None);
}

#[tokio::test]
async fn people_who_contradict_each_other_get_a_curator() {
    let (store, _folder, questions) = asked(Kind::Choose, 1, 2, 2).await;
    let (ana, ben, cem, eva) = (person("ana"), person("ben"), person("cem"), curator("eva"));
    let one = claim(&store, &ana, 0).await.unwrap();
    let other = claim(&store, &ben, 1).await.unwrap();
    decide(&store, &ana, &one, prefer(&one, questions[0].responses[0]), 2).await.unwrap();
    assert!(claim(&store, &cem, 3).await.is_none());
    decide(&store, &ben, &other, prefer(&other, questions[0].responses[1]), 4).await.unwrap();
    assert!(claim(&store, &cem, 5).await.is_none(), "a reviewer decides no conflict");
    assert!(claim(&store, &ana, 5).await.is_none());
    assert_eq!(store.queue_counts(&now(5)).await.unwrap().conflicts, 1);
    let last = claim(&store, &eva, 6).await.unwrap();
    assert_eq!(last.opinions.len(), 2);
    let preferred = |at: usize| match &last.opinions[at].answer {
        Answer::Choose { choice: Choice::Left, .. } => last.responses[0].id,
        Answer::Choose { choice: Choice::Right, .. } => last.responses[1].id,
        other => panic!("{other:?}"),
    };
    assert_eq!((preferred(0), preferred(1)), (questions[0].responses[0], questions[0].responses[1]));
    decide(&store, &eva, &last, prefer(&last, questions[0].responses[1]), 7).await.unwrap();
    assert_eq!(store.labels().await.unwrap().len(), 3);
    assert!(claim(&store, &eva, 8).await.is_none());
}

#[tokio::test]
async fn a_skip_goes_to_another_and_then_to_a_curator() {
    let (store, _folder, _) = asked(Kind::Rate, 1, 1, 1).await;
    let skip = || decision(Answer::Skip { reason: SkipReason::Broken });
    let (ana, ben, cem, eva) = (person("ana"), person("ben"), person("cem"), curator("eva"));
    let lease = claim(&store, &ana, 0).await.unwrap();
    assert_eq!(decide(&store, &ana, &lease, skip(), 1).await.unwrap(), 0);
    let lease = claim(&store, &ben, 2).await.unwrap();
    decide(&store, &ben, &lease, skip(), 3).await.unwrap();
    assert!(claim(&store, &cem, 4).await.is_none());
    let before = store.queue_counts(&now(4)).await.unwrap();
    assert_eq!((before.open, before.conflicts, before.skipped), (1, 1, 2));
    // Taken back, the curator is not needed.
    store.undo(&ben, None, &SETTINGS, &now(5)).await.unwrap();
    let after = store.queue_counts(&now(5)).await.unwrap();
    assert_eq!((after.open, after.conflicts, after.skipped, after.held), (0, 0, 1, 1));
    assert!(claim(&store, &eva, 6).await.is_none());
}

#[tokio::test]
async fn a_correction_leaves_the_question_open() {
    let (store, _folder, questions) = asked(Kind::Choose, 1, 2, 1).await;
    let ana = person("ana");
    let lease = claim(&store, &ana, 0).await.unwrap();
    store.save_draft(&ana, lease.task, r#"{"text":"bet"}"#, &now(1)).await.unwrap();
    let held = store.claim(&ana, &Ask { resume: true, ..ask(1) }, &SETTINGS, &now(2)).await.unwrap();
    assert_eq!(held[0].draft.as_deref(), Some(r#"{"text":"bet"}"#));
    let corrected = decision(Answer::Correct { place: 1, text: "better".into() });
    decide(&store, &ana, &lease, corrected, 3).await.unwrap();
    decide(&store, &ana, &lease, choose(Choice::Left), 4).await.unwrap();
    let labels = store.labels().await.unwrap();
    let of = lease.responses[1].id;
    assert!(questions[0].responses.contains(&of));
    assert!(matches!(&labels[0].judgement, Judgement::Correct { response, .. } if *response == of));
    assert_eq!(labels.len(), 2);
}

#[tokio::test]
async fn what_critics_say_is_shown_afterwards() {
    let (store, _folder, _) = asked(Kind::Rate, 1, 1, 2).await;
    let ana = person("ana");
    assert_eq!(refusal(store.reveal(&ana, 1, &now(0)).await), "blind");
    let lease = claim(&store, &ana, 0).await.unwrap();
    assert_eq!(refusal(store.reveal(&ana, lease.task, &now(0)).await), "blind");
    let eva = curator("eva");
    let held = claim(&store, &eva, 0).await.unwrap();
    assert_eq!(
        refusal(store.reveal(&eva, held.task, &now(0)).await),
        "blind",
        "whoever holds it decides blindly"
    );
    decide(&store, &ana, &lease, decision(Answer::Rate { value: 5.0 }), 1).await.unwrap();
    let revealed = store.reveal(&ana, lease.task, &now(0)).await.unwrap();
    assert_eq!((revealed.reason.as_str(), revealed.opinions.len()), ("by hand", 1));
}

#[tokio::test]
async fn some_comparisons_come_again_the_other_way_round() {
    let (store, _folder, _) = asked(Kind::Choose, 30, 2, 1).await;
    let settings = WorkSettings { repeat_share: 1.0, ..SETTINGS };
    let ana = person("ana");
    let (mut first_seen, mut repeats) = (std::collections::HashMap::new(), 0);
    for at in 0..45 {
        let lease = store.claim(&ana, &ask(1), &settings, &now(at)).await.unwrap();
        let Some(lease) = lease.first() else { break };
        let mut ids: Vec<ContentId> = lease.responses.iter().map(|shown| shown.id).collect();
        let shown = ids.clone();
        ids.sort();
        if let Some(before) = first_seen.insert(ids, shown.clone()) {
            repeats += 1;
            assert_eq!(before, shown.iter().rev().copied().collect::<Vec<_>>());
        }
        let deciding =
            Deciding { task: lease.task, token: lease.token, decision: choose(Choice::Left), request: None };
        store.decide(&ana, &deciding, &settings, &now(at)).await.unwrap();
    }
    assert!(repeats > 5, "{repeats}");
    // Repeats are no labels.
    assert_eq!(store.labels().await.unwrap().len(), 45 - repeats);
    let decided = store.decisions().await.unwrap();
    assert_eq!(decided.iter().filter(|row| row.repeats.is_some()).count(), repeats);
    assert!(decided.iter().all(|row| row.left == Some(true)));
}

#[tokio::test]
async fn gold_tasks_are_mixed_in_and_are_no_labels() {
    let (store, _folder, questions) = asked(Kind::Choose, 3, 2, 1).await;
    let (item, id, responses) = item(99, 2);
    store.add_items(&[ItemRecord { id, item: &item, responses: &responses }]).await.unwrap();
    let mut sorted = responses;
    sorted.sort();
    let gold = Answer::Choose { choice: Choice::Left, strength: None };
    let gold = Some(gold);
    let question = Question { item: id, responses: sorted.clone(), ..questions[0].clone() };
    let work = NewWork { question, reason: "gold".into(), needed: 1, gold };
    let other = NewWork { gold: Some(Answer::Rate { value: 3.0 }), ..work.clone() };
    assert_eq!(refusal(store.add_work(&[other], "eva", &now(0)).await), "unfit_decision");
    store.add_work(&[work], "eva", &now(0)).await.unwrap();
    let settings = WorkSettings { gold_share: 1.0, ..SETTINGS };
    for name in ["ana", "ben"] {
        let who = person(name);
        let lease = store.claim(&who, &ask(1), &settings, &now(1)).await.unwrap().remove(0);
        decide(&store, &who, &lease, prefer(&lease, sorted[usize::from(name == "ben")]), 2).await.unwrap();
        let next = store.claim(&who, &ask(1), &settings, &now(3)).await.unwrap().remove(0);
        assert_ne!(next.task, lease.task, "once each");
    }
    assert_eq!(store.labels().await.unwrap().len(), 0);
    let rows = store.decisions().await.unwrap();
    let right: Vec<bool> = rows.iter().map(|row| row.word == row.expected).collect();
    assert_eq!(right, [true, false]);
}

#[tokio::test]
async fn whatever_was_labelled_elsewhere_is_not_asked() {
    let (store, _folder, questions) = asked(Kind::Choose, 1, 2, 1).await;
    let [a, b] = [questions[0].responses[0], questions[0].responses[1]];
    let plan =
        |purpose| crate::tasks::PairTask { item_id: questions[0].item, a, b, purpose, reason: "p".into() };
    let (ana, ben) = (person("ana"), person("ben"));
    claim(&store, &ana, 0).await.unwrap();
    store.add_tasks(&[plan(rewardctl_core::acquire::Purpose::Teach)], "2026-01-01T00:00:00Z").await.unwrap();
    let held = claim(&store, &ben, 1).await.unwrap();
    assert_eq!(held.responses.len(), 2);
    store.give_back(&ben, held.task, held.token).await.unwrap();
    let judgement = Judgement::Compare { a, b, winner: Winner::A, strength: None };
    let label = Label { item: questions[0].item, judgement, annotator: "eva".into(), note: String::new() };
    store.add_labels(&[label], "2026-01-01T00:00:00Z").await.unwrap();
    assert!(claim(&store, &ben, 2).await.is_none());
}

#[tokio::test]
async fn users_come_by_the_hash_of_their_token() {
    let (store, _folder, _) = asked(Kind::Rate, 1, 1, 1).await;
    let token = rewardctl_core::review::token::Kept { id: "abc".into(), hash: [7; 32] };
    store.add_user(&curator("eva"), &token, "root", &now(0)).await.unwrap();
    assert_eq!(refusal(store.add_user(&curator("eva"), &token, "root", &now(0)).await), "user_exists");
    assert_eq!(refusal(store.add_user(&curator("<b>"), &token, "root", &now(0)).await), "bad_name");
    let (found, hash) = store.user_of_token("abc").await.unwrap().unwrap();
    assert_eq!((found, hash), (curator("eva"), [7; 32]));
    store.add_session(&[1; 32], "eva", 100, &now(0)).await.unwrap();
    assert_eq!(store.user_of_session(&[1; 32], &now(99)).await.unwrap(), Some(curator("eva")));
    assert_eq!(store.user_of_session(&[1; 32], &now(100)).await.unwrap(), None);
    store.remove_user("eva", "root", &now(1)).await.unwrap();
    assert_eq!(store.user_of_session(&[1; 32], &now(2)).await.unwrap(), None);
    assert_eq!(store.user_of_token("abc").await.unwrap(), None);
    assert_eq!(refusal(store.remove_user("eva", "root", &now(1)).await), "no_user");
    assert!(store.users().await.unwrap().is_empty());
}

#[test]
fn every_refusal_has_a_code_of_its_own() {
    let all = [
        Refusal::NoTask { task: 1 },
        Refusal::LeaseLost { task: 1 },
        Refusal::NoLease { task: 1 },
        Refusal::Closed { task: 1 },
        Refusal::Decided { task: 1 },
        Refusal::KeyReused,
        Refusal::NothingToUndo,
        Refusal::Blind { task: 1 },
        Refusal::Seen { task: 1 },
    ];
    let codes: BTreeSet<&str> = all.iter().map(Refusal::code).collect();
    assert_eq!(codes.len(), all.len());
}
