//! The local person, who is admin while there are no users, and no longer.

use std::sync::atomic::{AtomicI64, Ordering};

use super::*;

static TIME: AtomicI64 = AtomicI64::new(0);

/// A clock that is put on and back.
fn ticking() -> Now {
    Now { ms: TIME.load(Ordering::Relaxed), ..clock() }
}

fn local() -> (String, Kept) {
    token(&[77; RANDOM_BYTES])
}

/// Signs in with a token; returns the cookie.
async fn sign_in(service: &Service, token: &str) -> String {
    let request = Request::builder()
        .method("POST")
        .uri("/api/v1/session")
        .header("content-type", "application/json")
        .header("x-rewardctl", "1")
        .body(Body::from(json!({ "token": token }).to_string()))
        .unwrap();
    let answer = service.send(request).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    answer.headers["set-cookie"].to_str().unwrap().split(';').next().unwrap().into()
}

/// Returns the role that a request has, by a header; None if it is not let in.
async fn role(service: &Service, header: (&str, &str)) -> Option<Value> {
    let request = Request::builder().uri("/api/v1/me").header(header.0, header.1).body(Body::empty());
    let answer = service.send(request.unwrap()).await;
    (answer.status == 200).then(|| answer.body["role"].clone())
}

#[tokio::test]
async fn a_user_of_the_local_name_is_who_their_token_says() {
    let (text, kept) = local();
    let service = service_of(clock, Some(("ana".into(), kept))).await;
    let cookie = sign_in(&service, &text).await;
    let bearer = format!("Bearer {text}");
    assert_eq!(role(&service, ("cookie", &cookie)).await, Some(json!("admin")));
    assert_eq!(role(&service, ("authorization", &bearer)).await, Some(json!("admin")));
    service.add_user("ana", Role::Reviewer).await;
    let hers = sign_in(&service, &token_of(Role::Reviewer)).await;
    assert_eq!(role(&service, ("cookie", &hers)).await, Some(json!("reviewer")));
    // There is a user: nobody is admin for being local.
    assert_eq!(role(&service, ("cookie", &cookie)).await, None);
    assert_eq!(role(&service, ("authorization", &bearer)).await, None);
}

#[tokio::test]
async fn time_ends_a_local_session_and_freezes_no_count() {
    let (text, kept) = local();
    TIME.store(1_000_000, Ordering::Relaxed);
    let service = service_of(ticking, Some(("ana".into(), kept))).await;
    let cookie = sign_in(&service, &text).await;
    TIME.fetch_add(12 * 3_600_000 - 1, Ordering::Relaxed);
    assert_eq!(role(&service, ("cookie", &cookie)).await, Some(json!("admin")));
    TIME.fetch_add(1, Ordering::Relaxed);
    assert_eq!(role(&service, ("cookie", &cookie)).await, None);

    assert_eq!(service.app.counts().await.unwrap().open, 0);
    service.add_user("eva", Role::Curator).await;
    service.add_user("bot", Role::Ingest).await;
    service.task(["four", "five"]).await;
    assert_eq!(service.app.counts().await.unwrap().open, 0, "a second old at most");
    TIME.fetch_sub(60_000, Ordering::Relaxed);
    assert_eq!(service.app.counts().await.unwrap().open, 1, "the clock was put back");
}

/// What a client says of the time changes no lease: an hour before or behind, it has as long as everybody.
#[tokio::test]
async fn leases_follow_the_clock_of_the_service() {
    let service = service().await;
    for (date, texts) in [
        ("Thu, 01 Jan 1970 01:16:40 GMT", ["one", "two"]),
        ("Wed, 31 Dec 1969 23:16:40 GMT", ["three", "four"]),
    ] {
        service.task(texts).await;
        let request = Request::builder()
            .method("POST")
            .uri(format!("{API}/tasks/claim"))
            .header("authorization", format!("Bearer {}", token_of(Role::Reviewer)))
            .header("content-type", "application/json")
            .header("date", date)
            .body(Body::from("{}"));
        let lease = service.send(request.unwrap()).await.body["leases"][0].clone();
        assert_eq!(lease["expires_ms"], json!(clock().ms + 60_000), "{lease}");
        assert_eq!(service.claim(Role::Curator).await, Value::Null, "nobody else gets it");
    }
}
