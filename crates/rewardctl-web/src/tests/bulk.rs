//! Many tasks at once.

use super::*;

const NONE: [i64; 0] = [];

fn numbers(answer: &Answer) -> Vec<i64> {
    assert_eq!(answer.status, 200, "{}", answer.body);
    answer.body["tasks"].as_array().unwrap().iter().map(|task| task.as_i64().unwrap()).collect()
}

#[tokio::test]
async fn curators_close_reopen_and_release_by_a_filter() {
    let service = service().await;
    for n in 0..3 {
        service.task([&format!("yes {n}"), &format!("no {n}")]).await;
    }
    let by = |reason: &str| json!({"filter": {"kind": "choose", "reason": reason}});
    let tried = json!({"filter": {"reason": "SECRET"}, "dry_run": true});
    let all = numbers(&service.post("/tasks/close", Role::Curator, tried).await);
    assert_eq!(all, [1, 2, 3]);
    assert_eq!(numbers(&service.post("/tasks/close", Role::Curator, by("nothing")).await), NONE);
    let lease = service.claim(Role::Reviewer).await;
    let held = lease["task"].as_i64().unwrap();
    let open: Vec<i64> = all.iter().copied().filter(|task| *task != held).collect();
    assert_eq!(numbers(&service.post("/tasks/close", Role::Curator, by("secret")).await), open);
    assert_eq!(numbers(&service.post("/tasks/close", Role::Curator, by("secret")).await), NONE);
    let released = service.post("/tasks/release", Role::Admin, by("secret")).await;
    assert_eq!((numbers(&released), &released.body["leases"]), (vec![held], &json!(1)));
    assert_eq!(numbers(&service.post("/tasks/reopen", Role::Admin, json!({"filter": {}})).await), open);
    let log = service.get("/audit", Role::Admin).await.body;
    let actions: Vec<&str> =
        log["entries"].as_array().unwrap().iter().map(|entry| entry["action"].as_str().unwrap()).collect();
    assert_eq!(actions[..3], ["queue.reopen", "queue.release", "queue.close"]);
}

/// A request that comes again is the same one; another one may not have its key.
#[tokio::test]
async fn twice_is_once() {
    let service = service().await;
    service.task(["yes", "no"]).await;
    let send = async |path: &str, body: Value| {
        let request = Request::builder()
            .method("POST")
            .uri(format!("{API}{path}"))
            .header("authorization", format!("Bearer {}", token_of(Role::Curator)))
            .header("content-type", "application/json")
            .header("idempotency-key", "k")
            .body(Body::from(body.to_string()));
        service.send(request.unwrap()).await
    };
    assert_eq!(numbers(&send("/tasks/close", json!({"tasks": [1]})).await), [1]);
    let reopened = service.post("/tasks/reopen", Role::Curator, json!({"tasks": [1]})).await;
    assert_eq!(numbers(&reopened), [1]);
    assert_eq!(numbers(&send("/tasks/close", json!({"tasks": [1]})).await), [1], "what it came to before");
    assert_eq!(service.get("/tasks/1", Role::Curator).await.body["state"], json!("open"));
    let other = send("/tasks/reopen", json!({"tasks": [1]})).await;
    assert_eq!((other.status.as_u16(), &other.body["code"]), (422, &json!("key_reused")));
}

#[tokio::test]
async fn who_is_meant_is_said_once() {
    let service = service().await;
    for (body, status) in [
        (json!({}), 400),
        (json!({"tasks": [1], "filter": {}}), 400),
        (json!({"tasks": vec![1; 100_001]}), 400),
        (json!({"tasks": [9]}), 404),
        (json!({"tasks": null, "filter": {}}), 422),
        (json!({"filter": [null, null]}), 422),
        (json!([[1]]), 422),
        (json!({"filter": {"colour": "red"}}), 422),
    ] {
        let answer = service.post("/tasks/close", Role::Curator, body.clone()).await;
        assert_eq!(answer.status.as_u16(), status, "{} {}", answer.body, body.to_string().len());
    }
}
