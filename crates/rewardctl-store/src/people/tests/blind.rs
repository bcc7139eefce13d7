//! Nobody answers what they have seen the answer of, and nobody takes a place that is not theirs.

use super::*;

/// A rank, a text or tags are answers: two people who give them need neither a third nor a curator.
#[tokio::test]
async fn every_kind_is_done_when_everybody_answered() {
    let correct = |text: &str| Answer::Correct { place: 0, text: text.into() };
    let said: [(Kind, usize, [Answer; 2]); 6] = [
        (Kind::Rate, 1, [Answer::Rate { value: 4.0 }, Answer::Rate { value: 5.0 }]),
        (Kind::Choose, 2, [choose(Choice::Tie).answer, choose(Choice::BothBad).answer]),
        (Kind::Rank, 3, [Answer::Rank { order: vec![0, 1, 2] }, Answer::Rank { order: vec![2, 1, 0] }]),
        (Kind::Correct, 1, [correct("a"), correct("b")]),
        (Kind::Approve, 1, [Answer::Approve {}, Answer::Approve {}]),
        (Kind::Tag, 1, [Answer::Tag {}, Answer::Tag {}]),
    ];
    for (kind, responses, answers) in said {
        let (store, _folder, _) = asked(kind, 1, responses, 2).await;
        for (who, answer) in [person("ana"), person("ben")].iter().zip(answers) {
            let lease = claim(&store, who, 0).await.unwrap();
            let said = Decision { tags: vec!["short".into()], ..decision(answer) };
            decide(&store, who, &lease, said, 1).await.unwrap();
        }
        let counts = store.queue_counts(&now(2)).await.unwrap();
        assert_eq!((counts.open, counts.conflicts, counts.decided), (0, 0, 2), "{kind:?}");
        assert!(claim(&store, &curator("eva"), 3).await.is_none(), "{kind:?}");
    }
}

#[tokio::test]
async fn whoever_saw_the_critics_takes_nothing_back() {
    let (store, _folder, _) = asked(Kind::Rate, 2, 1, 1).await;
    let ana = person("ana");
    let lease = claim(&store, &ana, 0).await.unwrap();
    decide(&store, &ana, &lease, decision(Answer::Rate { value: 4.0 }), 1).await.unwrap();
    store.reveal(&ana, lease.task, &now(2)).await.unwrap();
    assert_eq!(refusal(store.undo(&ana, None, &SETTINGS, &now(3)).await), "seen");
    assert_eq!(store.labels().await.unwrap().len(), 1);
    let next = claim(&store, &ana, 4).await.unwrap();
    decide(&store, &ana, &next, decision(Answer::Rate { value: 4.0 }), 5).await.unwrap();
    store.undo(&ana, None, &SETTINGS, &now(6)).await.unwrap();
}

#[tokio::test]
async fn a_skip_reveals_nothing() {
    let (store, _folder, _) = asked(Kind::Rate, 1, 1, 1).await;
    for who in [person("ana"), curator("eva")] {
        let lease = claim(&store, &who, 0).await.unwrap();
        let skip = decision(Answer::Skip { reason: SkipReason::Other });
        decide(&store, &who, &lease, skip, 1).await.unwrap();
        assert_eq!(refusal(store.reveal(&who, lease.task, &now(2)).await), "blind");
    }
}

#[tokio::test]
async fn whoever_looked_is_not_asked() {
    let (store, _folder, _) = asked(Kind::Rate, 1, 1, 1).await;
    let eva = curator("eva");
    store.reveal(&eva, 1, &now(0)).await.unwrap();
    assert!(claim(&store, &eva, 1).await.is_none());
    assert!(claim(&store, &person("ana"), 1).await.is_some());
}

/// The repeat of a comparison whose critics were seen is not asked: it would say nothing of the person.
#[tokio::test]
async fn what_was_seen_is_not_repeated() {
    let (store, _folder, _) = asked(Kind::Choose, 1, 2, 1).await;
    let settings = WorkSettings { repeat_share: 1.0, ..SETTINGS };
    let ana = person("ana");
    let lease = claim(&store, &ana, 0).await.unwrap();
    let deciding =
        Deciding { task: lease.task, token: lease.token, decision: choose(Choice::Left), request: None };
    store.decide(&ana, &deciding, &settings, &now(1)).await.unwrap();
    assert_eq!(store.queue_counts(&now(2)).await.unwrap().open, 1);
    store.reveal(&ana, lease.task, &now(2)).await.unwrap();
    assert_eq!(store.queue_counts(&now(3)).await.unwrap().open, 0);
}

/// The known answer is shown in the order that the person saw, whichever that was.
#[tokio::test]
async fn the_known_answer_is_shown_as_the_question_was() {
    let (store, _folder, questions) = asked(Kind::Choose, 1, 2, 1).await;
    let gold = Answer::Choose { choice: Choice::Left, strength: None };
    let work = NewWork { question: questions[0].clone(), reason: "gold".into(), needed: 1, gold: Some(gold) };
    store.add_work(&[work], "eva", &now(0)).await.unwrap();
    let settings = WorkSettings { gold_share: 1.0, ..SETTINGS };
    let mut orders = BTreeSet::new();
    for name in ["ana", "ben", "cem", "dan", "eli", "fay"] {
        let who = person(name);
        let lease = store.claim(&who, &ask(1), &settings, &now(1)).await.unwrap().remove(0);
        decide(&store, &who, &lease, choose(Choice::Tie), 2).await.unwrap();
        let known = store.reveal(&who, lease.task, &now(3)).await.unwrap().expected.unwrap();
        let is_turned = lease.responses[0].id != questions[0].responses[0];
        orders.insert(is_turned);
        let due = if is_turned { Choice::Right } else { Choice::Left };
        assert_eq!(known, Answer::Choose { choice: due, strength: None }, "{name}");
    }
    assert_eq!(orders.len(), 2, "both orders were seen");
}

#[tokio::test]
async fn a_late_reviewer_does_not_take_the_place_of_a_curator() {
    let (store, _folder, questions) = asked(Kind::Choose, 1, 2, 2).await;
    let (ana, ben, cem) = (person("ana"), person("ben"), person("cem"));
    let late = claim(&store, &cem, 0).await.unwrap();
    // Cem's time is over: ana and ben get the places, and contradict each other.
    for (who, better) in [(&ana, 0), (&ben, 1)] {
        let lease = claim(&store, who, 1500).await.unwrap();
        decide(&store, who, &lease, prefer(&lease, questions[0].responses[better]), 1501).await.unwrap();
    }
    assert_eq!(store.queue_counts(&now(1505)).await.unwrap().conflicts, 1);
    let refused = decide(&store, &cem, &late, prefer(&late, questions[0].responses[0]), 1506).await;
    assert_eq!(refusal(refused), "lease_lost");
    assert!(claim(&store, &curator("eva"), 1507).await.is_some());
}

#[tokio::test]
async fn the_same_claim_gets_nothing_new() {
    let (store, _folder, _) = asked(Kind::Rate, 3, 1, 1).await;
    let ana = person("ana");
    let once = Ask { request: Some("r".into()), ..ask(1) };
    let first = store.claim(&ana, &once, &SETTINGS, &now(0)).await.unwrap();
    let other = Ask { count: 2, ..once.clone() };
    assert_eq!(refusal(store.claim(&ana, &other, &SETTINGS, &now(1)).await), "key_reused");
    decide(&store, &ana, &first[0], decision(Answer::Rate { value: 4.0 }), 2).await.unwrap();
    assert_eq!(store.claim(&ana, &once, &SETTINGS, &now(3)).await.unwrap(), []);
    assert_eq!(store.work_row(i64::MIN, &now(4)).await.unwrap(), None);
}
