//! An undo leaves the queue as it would be had the decision not been made.

use super::*;

/// A planned pair that is closed by a decision on the same pair waits again when that is taken back.
#[tokio::test]
async fn a_planned_pair_opens_again() {
    let (store, _folder, questions) = asked(Kind::Choose, 1, 2, 1).await;
    let [a, b] = [questions[0].responses[0], questions[0].responses[1]];
    let purpose = rewardctl_core::acquire::Purpose::Teach;
    let plan = crate::tasks::PairTask { item_id: questions[0].item, a, b, purpose, reason: "p".into() };
    store.add_tasks(&[plan], "2026-01-01T00:00:00Z").await.unwrap();
    let (ana, ben) = (person("ana"), person("ben"));
    let lease = claim(&store, &ana, 0).await.unwrap();
    decide(&store, &ana, &lease, prefer(&lease, a), 1).await.unwrap();
    assert!(claim(&store, &ben, 2).await.is_none());
    store.undo(&ana, None, &SETTINGS, &now(3)).await.unwrap();
    assert!(claim(&store, &ben, 4).await.is_some());
}

/// Whoever of the two takes back what they said, the conflict is over, and comes again if they say it again.
#[tokio::test]
async fn a_conflict_is_over_when_either_takes_back() {
    for first in [true, false] {
        let (store, _folder, questions) = asked(Kind::Choose, 1, 2, 2).await;
        let (ana, ben, eva) = (person("ana"), person("ben"), curator("eva"));
        let better = |who: &Person| questions[0].responses[usize::from(who.name == "ben")];
        for who in [&ana, &ben] {
            let lease = claim(&store, who, 0).await.unwrap();
            decide(&store, who, &lease, prefer(&lease, better(who)), 1).await.unwrap();
        }
        let who = if first { &ana } else { &ben };
        let again = store.undo(who, None, &SETTINGS, &now(2)).await.unwrap().lease;
        let counts = store.queue_counts(&now(3)).await.unwrap();
        assert_eq!((counts.open, counts.conflicts), (0, 0), "first: {first}");
        assert!(claim(&store, &eva, 3).await.is_none());
        decide(&store, who, &again, prefer(&again, better(who)), 4).await.unwrap();
        let last = claim(&store, &eva, 5).await.unwrap();
        assert_eq!(last.opinions.len(), 2);
        // The curator has the place: an undo leaves it, and gives the question back to whoever answered it.
        store.undo(who, None, &SETTINGS, &now(6)).await.unwrap();
        decide(&store, &eva, &last, prefer(&last, better(&ana)), 7).await.unwrap();
    }
}

#[tokio::test]
async fn a_correction_taken_back_takes_the_place_that_is_open() {
    let (store, _folder, _) = asked(Kind::Rate, 1, 1, 1).await;
    let (ana, ben) = (person("ana"), person("ben"));
    let lease = claim(&store, &ana, 0).await.unwrap();
    let better = decision(Answer::Correct { place: 0, text: "better".into() });
    decide(&store, &ana, &lease, better, 1).await.unwrap();
    store.give_back(&ana, lease.task, lease.token).await.unwrap();
    let again = store.undo(&ana, None, &SETTINGS, &now(2)).await.unwrap().lease;
    assert!(claim(&store, &ben, 3).await.is_none(), "one person was asked for");
    decide(&store, &ana, &again, decision(Answer::Rate { value: 3.0 }), 4).await.unwrap();
    let row = store.work_row(lease.task, &now(5)).await.unwrap().unwrap();
    assert_eq!((row.needed, row.open, row.filled), (1, 0, 1));
}

/// A correction that is taken back leaves a conflict of others as it is.
#[tokio::test]
async fn a_correction_taken_back_ends_no_conflict() {
    let (store, _folder, questions) = asked(Kind::Choose, 1, 2, 2).await;
    let (ana, ben, cem) = (person("ana"), person("ben"), person("cem"));
    let lease = claim(&store, &cem, 0).await.unwrap();
    let better = decision(Answer::Correct { place: 0, text: "better".into() });
    decide(&store, &cem, &lease, better, 1).await.unwrap();
    store.give_back(&cem, lease.task, lease.token).await.unwrap();
    for (who, at) in [(&ana, 0), (&ben, 1)] {
        let lease = claim(&store, who, 2).await.unwrap();
        decide(&store, who, &lease, prefer(&lease, questions[0].responses[at]), 3).await.unwrap();
    }
    store.undo(&cem, None, &SETTINGS, &now(4)).await.unwrap();
    assert_eq!(store.queue_counts(&now(5)).await.unwrap().conflicts, 1);
    let places = store.work_row(lease.task, &now(5)).await.unwrap().unwrap();
    assert_eq!((places.needed, places.open, places.filled), (4, 1, 2));
}
