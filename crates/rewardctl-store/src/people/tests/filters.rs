//! Which tasks filters leave, and what is done with many at once.

use super::*;
use crate::people::browse::WorkFilter;
use crate::people::bulk::{Change, Changed};
use crate::people::resume::LeftOut;
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

async fn change(store: &Store, change: Change, tasks: &[i64], at: i64) -> Vec<i64> {
    let eva = curator("eva");
    store.change_work(&change, tasks, (&eva, None), &now(at)).await.unwrap().tasks
}

#[tokio::test]
async fn closed_tasks_are_asked_nobody_until_they_are_reopened() {
    let (store, _folder, _) = asked(Kind::Rate, 3, 1, 1).await;
    let ana = person("ana");
    let held = claim(&store, &ana, 10).await.unwrap();
    let all = listed(&store, TaskFilter::default()).await;
    // Who holds a task may still decide it.
    let open: Vec<i64> = all.iter().copied().filter(|task| *task != held.task).collect();
    assert_eq!(change(&store, Change::Close, &all, 11).await, open);
    assert!(claim(&store, &person("ben"), 12).await.is_none());
    decide(&store, &ana, &held, decision(Answer::Rate { value: 4.0 }), 13).await.unwrap();
    assert_eq!(change(&store, Change::Reopen, &open[..1], 14).await, open[..1]);
    assert_eq!(claim(&store, &person("ben"), 15).await.unwrap().task, open[0]);
    // A task that is not there changes none of the others.
    let eva = curator("eva");
    let missing = store.change_work(&Change::Close, &[open[1], 99], (&eva, None), &now(16)).await;
    assert_eq!(refusal(missing), "no_task");
    assert!(store.check_audit(&store.heads_path()).await.unwrap().broken.is_none());
    assert!(change(&store, Change::Close, &[], 17).await.is_empty());
}

/// The same request twice is one, whatever happened in between; a lease that ran out holds nothing.
#[tokio::test]
async fn many_are_changed_once() {
    let (store, _folder, _) = asked(Kind::Rate, 4, 1, 1).await;
    let (eva, ana) = (curator("eva"), person("ana"));
    let send = async |change: Change, tasks: &[i64], key: &str, at| {
        store.change_work(&change, tasks, (&eva, Some(key)), &now(at)).await
    };
    let all = TaskFilter::default();
    let open = store.changeable(&Change::Close, &all, 3, &now(1)).await.unwrap();
    assert_eq!(open.len(), 3, "no more than asked for");
    let closed = send(Change::Close, &open, "a", 2).await.unwrap();
    assert_eq!(closed, Changed { tasks: open.clone(), leases: 0 });
    assert_eq!(store.changeable(&Change::Reopen, &all, 9, &now(3)).await.unwrap(), open);
    let reopened = send(Change::Reopen, &open[..2], "b", 3).await.unwrap();
    assert_eq!(reopened.tasks, open[..2]);
    // Sent again, it says what it came to, and closes nothing that was reopened since.
    assert_eq!(send(Change::Close, &open, "a", 4).await.unwrap(), closed);
    assert_eq!(store.changeable(&Change::Reopen, &all, 9, &now(5)).await.unwrap(), open[2..]);
    assert_eq!(refusal(send(Change::Reopen, &open, "a", 5).await), "key_reused");
    let held: Vec<i64> = store
        .claim(&ana, &ask(2), &SETTINGS, &now(6))
        .await
        .unwrap()
        .iter()
        .map(|lease| lease.task)
        .collect();
    assert_eq!(store.changeable(&Change::Release { of: None }, &all, 9, &now(7)).await.unwrap(), held);
    let of_ben = Change::Release { of: Some("ben".into()) };
    assert_eq!(send(of_ben, &held, "c", 7).await.unwrap(), Changed::default());
    let freed = send(Change::Release { of: None }, &held, "d", 8).await.unwrap();
    assert_eq!(freed, Changed { tasks: held.clone(), leases: 2 });
    store.claim(&ana, &ask(2), &SETTINGS, &now(9)).await.unwrap();
    let over = send(Change::Close, &held, "e", 5000).await.unwrap();
    assert_eq!(over.tasks, held, "the leases are over: the tasks are open");
    assert!(store.check_audit(&store.heads_path()).await.unwrap().broken.is_none());
    let log = store.audit_lines(None, 9).await.unwrap();
    let actions: Vec<&str> = log.iter().map(|line| line.action.as_str()).collect();
    assert_eq!(actions, ["queue.close", "queue.release", "queue.reopen", "queue.close", "queue.add"]);
}

/// What was answered elsewhere is no task that somebody closed.
#[tokio::test]
async fn what_was_answered_elsewhere_is_not_reopened_by_a_filter() {
    let (store, _folder, _) = asked(Kind::Rate, 2, 1, 1).await;
    assert_eq!(change(&store, Change::Close, &[1], 1).await, [1]);
    sqlx::query("UPDATE work SET closed = 2 WHERE seq = 2").execute(&store.pool).await.unwrap();
    let all = TaskFilter::default();
    assert_eq!(store.changeable(&Change::Reopen, &all, 9, &now(3)).await.unwrap(), [1]);
    // Asked again and answered elsewhere: the hand that closed it is forgotten.
    sqlx::query("UPDATE work SET closed = NULL WHERE seq = 1").execute(&store.pool).await.unwrap();
    sqlx::query("UPDATE work SET closed = 4 WHERE seq = 1").execute(&store.pool).await.unwrap();
    assert!(store.changeable(&Change::Reopen, &all, 9, &now(5)).await.unwrap().is_empty());
}

/// Who comes back with a filter does not go on with what it leaves out, unless they typed something on it.
#[tokio::test]
async fn what_a_filter_leaves_out_is_given_back() {
    let (store, _folder, _) = asked(Kind::Rate, 3, 1, 1).await;
    let ana = person("ana");
    let leases = store.claim(&ana, &ask(3), &SETTINGS, &now(1)).await.unwrap();
    store.save_draft(&ana, leases[1].task, "{}", &now(2)).await.unwrap();
    let fits = TaskFilter { kind: Some(Kind::Rate), ..TaskFilter::default() };
    assert_eq!(store.give_back_others(&ana, &fits).await.unwrap(), LeftOut::default());
    let other = TaskFilter { kind: Some(Kind::Choose), ..TaskFilter::default() };
    let left_out = store.give_back_others(&ana, &other).await.unwrap();
    let (given_back, drafted) = (vec![leases[0].task, leases[2].task], vec![leases[1].task]);
    assert_eq!(left_out, LeftOut { given_back, drafted });
    assert_eq!(store.claim(&person("ben"), &ask(3), &SETTINGS, &now(3)).await.unwrap().len(), 2);
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
