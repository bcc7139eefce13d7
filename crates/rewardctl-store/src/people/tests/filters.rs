//! Which tasks filters leave, and what is done with many at once.

use super::*;
use crate::people::browse::WorkFilter;
use crate::people::work::TaskFilter;

async fn listed(store: &Store, tasks: TaskFilter) -> Vec<i64> {
    let filter = WorkFilter { tasks, ..WorkFilter::default() };
    let rows = store.work_list(&filter, 0, 100, &now(50)).await.unwrap();
    rows.into_iter().map(|row| row.task).collect()
}

fn tagged(tag: &str) -> TaskFilter {
    TaskFilter { tag: Some(tag.into()), ..TaskFilter::default() }
}

#[tokio::test]
async fn a_tag_leads_to_every_task_about_what_was_tagged() {
    let (store, _folder, _) = asked(Kind::Rate, 3, 1, 2).await;
    let (ana, ben) = (person("ana"), person("ben"));
    let lease = claim(&store, &ana, 10).await.unwrap();
    let answer = Answer::Rate { value: 4.0 };
    let rude = Decision { tags: vec!["rude".into()], ..decision(answer) };
    decide(&store, &ana, &lease, rude, 11).await.unwrap();
    assert_eq!(listed(&store, tagged("rude")).await, [lease.task]);
    assert!(listed(&store, tagged("rud")).await.is_empty());
    // Who works on a tag gets no other task.
    let about = Ask { filter: tagged("rude"), ..ask(5) };
    let leases = store.claim(&ben, &about, &SETTINGS, &now(12)).await.unwrap();
    assert_eq!(leases.iter().map(|lease| lease.task).collect::<Vec<_>>(), [lease.task]);
    store.undo(&ana, None, &SETTINGS, &now(13)).await.unwrap();
    assert!(listed(&store, tagged("rude")).await.is_empty());
}

#[tokio::test]
async fn reasons_are_found_by_a_part_of_them() {
    let (store, _folder, _) = asked(Kind::Rate, 2, 1, 1).await;
    let reason = |text: &str| TaskFilter { reason: Some(text.into()), ..TaskFilter::default() };
    assert_eq!(listed(&store, reason("BY h")).await.len(), 2);
    assert!(listed(&store, reason("%")).await.is_empty());
}

#[tokio::test]
async fn closed_tasks_are_asked_nobody_until_they_are_reopened() {
    let (store, _folder, _) = asked(Kind::Rate, 3, 1, 1).await;
    let ana = person("ana");
    let held = claim(&store, &ana, 10).await.unwrap();
    let all = listed(&store, TaskFilter::default()).await;
    // Who holds a task may still decide it.
    let open: Vec<i64> = all.iter().copied().filter(|task| *task != held.task).collect();
    assert_eq!(store.close_work(&all, &curator("cem"), &now(11)).await.unwrap(), open);
    assert!(claim(&store, &person("ben"), 12).await.is_none());
    decide(&store, &ana, &held, decision(Answer::Rate { value: 4.0 }), 13).await.unwrap();
    assert_eq!(store.reopen_work(&open[..1], &curator("cem"), &now(14)).await.unwrap(), open[..1]);
    assert_eq!(claim(&store, &person("ben"), 15).await.unwrap().task, open[0]);
    // A task that is not there changes none of the others.
    assert!(store.close_work(&[open[0], 99], &curator("cem"), &now(16)).await.is_err());
    assert!(store.check_audit(&store.heads_path()).await.unwrap().broken.is_none());
    assert!(store.close_work(&[], &curator("cem"), &now(17)).await.unwrap().is_empty());
}

#[tokio::test]
async fn a_correction_changes_the_text_and_comes_back_as_a_draft() {
    let (store, _folder, _) = asked(Kind::Correct, 1, 1, 1).await;
    let ana = person("ana");
    let lease = claim(&store, &ana, 10).await.unwrap();
    let correct = |text: &str| decision(Answer::Correct { place: 0, text: text.into() });
    let same = correct(&format!(" {}\n", lease.responses[0].text));
    assert_eq!(refusal(decide(&store, &ana, &lease, same, 11).await), "unfit_decision");
    assert_eq!(decide(&store, &ana, &lease, correct("better"), 12).await.unwrap(), 1);
    let undone = store.undo(&ana, None, &SETTINGS, &now(13)).await.unwrap();
    let draft: serde_json::Value = serde_json::from_str(&undone.lease.draft.unwrap()).unwrap();
    assert_eq!((&draft["text"], &draft["place"]), (&"better".into(), &0.into()));
}
