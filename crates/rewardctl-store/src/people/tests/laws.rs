//! What holds whatever many people do at once.

use std::collections::BTreeMap;

use super::*;

/// Tells how many of a task's places are taken, open and due.
async fn places(store: &Store) -> Vec<(i64, i64, i64)> {
    let sql = "SELECT needed, open_slots, (SELECT count(*) FROM slots WHERE slots.work = work.seq) FROM work";
    sqlx::query_as(sql).fetch_all(&store.pool).await.unwrap()
}

/// Many people on as many stores as there would be processes; none ever gets a place that another holds.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_place_is_given_twice() {
    let (store, folder, _) = asked(Kind::Choose, 600, 2, 2).await;
    let mut working = vec![];
    for n in 0..8 {
        let store = Store::open(&folder.path().join("store.db")).await.unwrap();
        working.push(tokio::spawn(async move {
            let who = person(&format!("p{n}"));
            let mut done = vec![];
            // Some are slow: their lease runs out under them, and what they send then must not count twice.
            for step in 0..600i64 {
                let at = step * 100;
                let leases = store.claim(&who, &ask(2), &SETTINGS, &now(at)).await.unwrap();
                if leases.is_empty() {
                    break;
                }
                for lease in leases {
                    let late = if (lease.task + n) % 7 == 0 { 5000 } else { 1 };
                    match decide(&store, &who, &lease, choose(Choice::Left), at + late).await {
                        Ok(_) => done.push(lease.task),
                        Err(Error::Refused(Refusal::LeaseLost { .. })) => {}
                        Err(other) => panic!("{other:?}"),
                    }
                }
            }
            done
        }));
    }
    let mut answers: BTreeMap<i64, i64> = BTreeMap::new();
    for work in working {
        for task in work.await.unwrap() {
            *answers.entry(task).or_default() += 1;
        }
    }
    let decided: i64 = answers.values().sum();
    // Every task has its two answers, and at most one more where the two contradict each other.
    assert_eq!(answers.len(), 600);
    assert!(answers.values().all(|count| (2..=3).contains(count)), "{answers:?}");
    for (needed, open, taken) in places(&store).await {
        assert_eq!(needed, open + taken);
    }
    assert_eq!(store.labels().await.unwrap().len() as i64, decided);
    assert_eq!(store.queue_counts(&now(1_000_000)).await.unwrap().decided, decided);
    assert_eq!(store.check_audit(&store.heads_path()).await.unwrap().broken, None);
    let sql = "SELECT count(*) FROM decisions WHERE ends GROUP BY work, reviewer HAVING count(*) > 1";
    let twice: Vec<i64> = sqlx::query_scalar(sql).fetch_all(&store.pool).await.unwrap();
    assert!(twice.is_empty());
}

/// Reviewers whose clocks are an hour before or behind, each with the store open on a machine of their own: a lease may end
/// too early or too late, but no place is held by two, and whoever was overtaken is told.
#[tokio::test]
async fn clocks_that_differ_grant_no_place_twice() {
    const HOUR: i64 = 3_600_000;
    let (store, folder, _) = asked(Kind::Choose, 60, 2, 1).await;
    let mut people = vec![];
    for (name, skew) in [("ana", 0), ("ben", HOUR), ("cem", -HOUR)] {
        people.push((person(name), skew, Store::open(&folder.path().join("store.db")).await.unwrap()));
    }
    let (mut holding, mut kept, mut lost) = (BTreeMap::<i64, (usize, Lease)>::new(), vec![], 0);
    for step in 0..400i64 {
        let at = (step % 3) as usize;
        let (who, skew, own) = &people[at];
        let time = HOUR + step * 10 + skew;
        for lease in own.claim(who, &ask(2), &SETTINGS, &now(time)).await.unwrap() {
            // A later lease of a place has a greater token, whatever the clocks say.
            if let Some((by, before)) = holding.insert(lease.task, (at, lease.clone())) {
                assert!(lease.token > before.token);
                let late = decide(own, &people[by].0, &before, choose(Choice::Left), time).await;
                assert_eq!(refusal(late), "lease_lost");
                lost += 1;
            }
        }
        for (needed, open, taken) in places(&store).await {
            assert_eq!(needed, open + taken);
        }
        if step % 5 == 0
            && let Some((task, (by, lease))) = holding.pop_first()
        {
            let (who, skew, own) = &people[by];
            match decide(own, who, &lease, choose(Choice::Left), HOUR + step * 10 + skew).await {
                Ok(labels) => kept.push((task, labels)),
                Err(Error::Refused(Refusal::LeaseLost { .. } | Refusal::Decided { .. })) => lost += 1,
                Err(other) => panic!("{other:?}"),
            }
        }
    }
    assert!(kept.len() > 40 && lost > 0, "{} kept, {lost} lost", kept.len());
    let mut tasks: Vec<i64> = kept.iter().map(|(task, _)| *task).collect();
    tasks.dedup();
    assert_eq!(tasks.len(), kept.len(), "a place is filled once");
    assert_eq!(store.labels().await.unwrap().len(), kept.len());
    assert_eq!(store.check_audit(&store.heads_path()).await.unwrap().broken, None);
}

/// Nothing that is asked all the time goes through all of the queue.
#[tokio::test]
async fn what_is_asked_all_the_time_uses_an_index() {
    let (store, _folder, _) = asked(Kind::Rate, 1, 1, 1).await;
    for (sql, first) in [
        (crate::people::lease::PICK, "work_open"),
        (include_str!("../pick_gold.sql"), "work_gold"),
        (include_str!("../close_rated.sql"), ""),
        (include_str!("../close_compared.sql"), ""),
        (include_str!("../close_routes.sql"), ""),
        (include_str!("../reopen_rated.sql"), ""),
        (include_str!("../reopen_compared.sql"), ""),
        (include_str!("../queue_counts.sql"), ""),
        (crate::people::browse::LIST, ""),
    ] {
        let explained = format!("EXPLAIN QUERY PLAN {sql}");
        let rows = sqlx::query(sqlx::AssertSqlSafe(explained)).fetch_all(&store.pool).await.unwrap();
        let plan: Vec<String> = rows.iter().map(|row| sqlx::Row::get(row, "detail")).collect();
        assert!(plan[0].contains(first), "{plan:?}");
        let is_long = |step: &String| {
            // The tags of one decision are a table, too.
            let short = ["USING", "work_totals", "VIRTUAL TABLE"];
            let is_scan = step.starts_with("SCAN ") && !short.iter().any(|name| step.contains(name));
            is_scan || step.contains("TEMP B-TREE")
        };
        assert!(!plan.iter().any(is_long), "{sql}\n{plan:#?}");
    }
}

/// The sums that triggers keep are those of the rows.
#[tokio::test]
async fn sums_agree_with_the_rows() {
    let (store, _folder, _) = asked(Kind::Choose, 5, 2, 2).await;
    let (ana, eva) = (person("ana"), curator("eva"));
    for at in 0..4 {
        for who in [&ana, &eva] {
            let lease = claim(&store, who, at).await.unwrap();
            let said = match (at, who.name.as_str()) {
                (0, _) => decision(Answer::Skip { reason: SkipReason::Other }),
                (_, "ana") => choose(Choice::Left),
                _ => choose(Choice::Right),
            };
            decide(&store, who, &lease, said, at).await.unwrap();
        }
    }
    store.undo(&ana, None, &SETTINGS, &now(5)).await.unwrap();
    let sql = "SELECT (SELECT sum(open_slots) FROM work WHERE closed IS NULL), \
               (SELECT coalesce(sum(open_slots), 0) FROM work WHERE curator AND closed IS NULL), \
               (SELECT count(*) FROM slots WHERE decision IS NOT NULL), (SELECT count(*) FROM labels_in_force)";
    let due: (i64, i64, i64, i64) = sqlx::query_as(sql).fetch_one(&store.pool).await.unwrap();
    let counts = store.queue_counts(&now(6)).await.unwrap();
    assert_eq!((counts.open, counts.conflicts, counts.decided, counts.labels), due);
    assert_eq!((counts.skipped, counts.held), (2, 1));
}
