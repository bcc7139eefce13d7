//! Whoever answers a task learns nothing of it before, nor whether it is one of those whose answer is known.

use futures_util::StreamExt;

use super::*;

#[tokio::test]
async fn nothing_of_critics_or_others_is_shown_before_the_decision() {
    let service = service().await;
    let item = service.task(["four", "five"]).await;
    let lease = service.claim(Role::Reviewer).await;
    let task = lease["task"].as_i64().unwrap();
    let shown = lease.to_string();
    assert!(!shown.contains("gpt") && !shown.contains("secret") && !shown.contains("added"), "{shown}");
    let item = service.get(&format!("/items/{}", item["id"].as_str().unwrap()), Role::Reviewer).await.body;
    assert!(!item.to_string().contains("gpt"), "{item}");
    for path in ["/tasks", "/tasks?state=held", "/tasks/1", "/labels"] {
        assert_eq!(service.get(path, Role::Reviewer).await.body["code"], json!("forbidden"), "{path}");
    }
    assert_eq!(service.get("/tasks", Role::Viewer).await.body["tasks"][0]["reason"], json!("secret"));
    let blind = service.get(&format!("/tasks/{task}/reveal"), Role::Reviewer).await;
    assert_eq!((blind.status.as_u16(), &blind.body["code"]), (403, &json!("blind")));
    let body = decide(&lease, json!({"kind": "choose", "choice": "tie"}));
    service.post("/labels", Role::Reviewer, body).await;
    let revealed = service.get(&format!("/tasks/{task}/reveal"), Role::Reviewer).await;
    assert_eq!(revealed.body["responses"][0]["generator"], json!("gpt"), "{}", revealed.body);
}

/// The filters of a claim would say which tasks are gold and who wrote what.
#[tokio::test]
async fn who_answers_blindly_chooses_by_nothing_hidden() {
    let service = service().await;
    service.task(["four", "five"]).await;
    for filter in [json!({"purpose": "gold"}), json!({"generator": "gpt"})] {
        let refused = service.post("/tasks/claim", Role::Reviewer, filter.clone()).await;
        assert_eq!((refused.status.as_u16(), &refused.body["code"]), (403, &json!("blind")), "{filter}");
        let taken = service.post("/tasks/claim", Role::Curator, filter.clone()).await;
        assert_eq!(taken.status, 200, "{filter}");
    }
}

/// A gold task is taken, answered and taken back like any other: no answer and no count tells it apart.
#[tokio::test]
async fn a_gold_task_is_answered_like_any_other() {
    let mut heard = vec![];
    for gold in [json!(null), json!({"kind": "choose", "choice": "left"})] {
        let service = service().await;
        let item = service.item(["four", "five"]).await;
        let task =
            json!({"kind": "choose", "item": item["id"], "responses": item["responses"], "gold": gold});
        service.post("/tasks", Role::Curator, json!({"tasks": [task]})).await;
        let mut answers = vec![];
        let lease = service.claim(Role::Reviewer).await;
        for _ in 0..2 {
            answers.push(service.get("/stats", Role::Reviewer).await.body["queue"]["held"].clone());
            answers.push(service.get("/stats", Role::Reviewer).await.body["queue"]["labels"].clone());
            let body = decide(&lease, json!({"kind": "choose", "choice": "left"}));
            answers.push(service.post("/labels", Role::Reviewer, body).await.body);
        }
        let undone = service.post("/labels/undo", Role::Reviewer, json!({})).await.body;
        answers.push(undone["withdrawn"].clone());
        heard.push(answers);
    }
    assert_eq!(heard[0], heard[1]);
}

#[tokio::test]
async fn reviewers_hear_of_the_queue_by_tens() {
    let service = service().await;
    service.task(["four", "five"]).await;
    let queue = |answer: Answer| answer.body["queue"].clone();
    let blind = queue(service.get("/stats", Role::Reviewer).await);
    assert_eq!((&blind["open"], &blind["held"], &blind["labels"]), (&json!(10), &Value::Null, &Value::Null));
    let sighted = queue(service.get("/stats", Role::Viewer).await);
    assert_eq!((&sighted["open"], &sighted["held"], &sighted["labels"]), (&json!(1), &json!(0), &json!(0)));
}

#[tokio::test]
async fn an_answer_stands_when_the_critics_were_seen() {
    let service = service().await;
    service.task(["four", "five"]).await;
    let lease = service.claim(Role::Reviewer).await;
    let body = decide(&lease, json!({"kind": "choose", "choice": "tie"}));
    service.post("/labels", Role::Reviewer, body).await;
    service.get(&format!("/tasks/{}/reveal", lease["task"]), Role::Reviewer).await;
    let refused = service.post("/labels/undo", Role::Reviewer, json!({})).await;
    assert_eq!((refused.status.as_u16(), &refused.body["code"]), (409, &json!("seen")));
}

/// The stream of counts, as a viewer gets it.
async fn counts_of(service: &Service) -> Body {
    let request = Request::builder()
        .uri("/api/v1/events")
        .header("authorization", format!("Bearer {}", token_of(Role::Viewer)))
        .body(Body::empty())
        .unwrap();
    service.router.clone().oneshot(request).await.unwrap().into_body()
}

#[tokio::test]
async fn a_stream_of_counts_ends_when_the_service_stops() {
    let service = service().await;
    let counts = counts_of(&service).await;
    service.app.stop();
    let body = to_bytes(counts, 1 << 20).await.unwrap();
    let text = String::from_utf8(body.to_vec()).unwrap();
    assert!(text.starts_with("event: counts\ndata: {\"open\":0"), "{text}");
}

/// Whoever is removed hears no more.
#[tokio::test]
async fn a_stream_of_counts_ends_with_its_user() {
    let service = service().await;
    let mut stream = counts_of(&service).await.into_data_stream();
    assert!(stream.next().await.unwrap().unwrap().starts_with(b"event: counts"));
    service.app.store.remove_user("viewer", "test", &clock()).await.unwrap();
    assert!(stream.next().await.is_none());
}
