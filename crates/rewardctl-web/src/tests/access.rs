//! Sessions, other pages, wrong tokens, and what browsers are told.

use super::*;

async fn cookie(service: &Service) -> String {
    let request = Request::builder()
        .method("POST")
        .uri("/api/v1/session")
        .header("content-type", "application/json")
        .header("x-rewardctl", "1")
        .body(Body::from(json!({"token": token_of(Role::Reviewer)}).to_string()))
        .unwrap();
    let answer = service.send(request).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    let cookie = answer.headers["set-cookie"].to_str().unwrap().to_owned();
    assert!(cookie.contains("HttpOnly") && cookie.contains("SameSite=Strict"), "{cookie}");
    cookie.split(';').next().unwrap().into()
}

#[tokio::test]
async fn other_pages_cannot_use_a_session() {
    let service = service().await;
    let cookie = cookie(&service).await;
    let send = async |headers: &[(&str, &str)]| {
        let mut request = Request::builder().method("POST").uri("/api/v1/tasks/claim");
        for (name, value) in
            [("cookie", cookie.as_str()), ("content-type", "application/json"), ("host", "here:1")]
                .iter()
                .chain(headers)
        {
            request = request.header(*name, *value);
        }
        service.send(request.body(Body::from("{}")).unwrap()).await.status.as_u16()
    };
    let ours = ("x-rewardctl", "1");
    assert_eq!(send(&[ours]).await, 200);
    assert_eq!(send(&[ours, ("sec-fetch-site", "same-origin"), ("origin", "http://here:1")]).await, 200);
    let behind_a_proxy = [ours, ("sec-fetch-site", "same-origin"), ("origin", "https://review.example")];
    assert_eq!(send(&behind_a_proxy).await, 200, "the proxy has a host of its own");
    assert_eq!(send(&[ours, ("sec-fetch-site", "none"), ("origin", "http://evil.example")]).await, 403);
    assert_eq!(send(&[]).await, 403, "a form of another page");
    assert_eq!(send(&[ours, ("sec-fetch-site", "cross-site")]).await, 403);
    assert_eq!(send(&[ours, ("sec-fetch-site", "same-site")]).await, 403);
    assert_eq!(send(&[ours, ("origin", "http://evil.example")]).await, 403);
    assert_eq!(send(&[ours, ("origin", "null")]).await, 403);
    assert_eq!(send(&[ours, ("origin", "http://here:2")]).await, 403, "another program on this machine");
}

#[tokio::test]
async fn sessions_end() {
    let service = service().await;
    let cookie = cookie(&service).await;
    let me = async || {
        let request = Request::builder().uri("/api/v1/me").header("cookie", &cookie).body(Body::empty());
        service.send(request.unwrap()).await
    };
    assert_eq!(me().await.body["name"], json!("reviewer"));
    let out = Request::builder()
        .method("DELETE")
        .uri("/api/v1/session")
        .header("cookie", &cookie)
        .header("x-rewardctl", "1")
        .body(Body::empty())
        .unwrap();
    assert_eq!(service.send(out).await.status, 204);
    assert_eq!(me().await.status, 401);
}

#[tokio::test]
async fn wrong_tokens_run_out() {
    let service = service().await;
    let wrong = token(&[99; RANDOM_BYTES]).0;
    let mut last = 0;
    for _ in 0..12 {
        let request = Request::builder()
            .uri("/api/v1/me")
            .header("authorization", format!("Bearer {wrong}"))
            .body(Body::empty());
        last = service.send(request.unwrap()).await.status.as_u16();
    }
    assert_eq!(last, 429);
}

#[tokio::test]
async fn every_answer_tells_the_browser_what_it_must_not_do() {
    let service = service().await;
    for path in
        ["/", "/app.js", "/draw.js", "/app.css", "/nothing", "/api/v1/me", "/api/v1/openapi.json", "/healthz"]
    {
        let answer = service.send(Request::builder().uri(path).body(Body::empty()).unwrap()).await;
        let policy = answer.headers["content-security-policy"].to_str().unwrap();
        assert!(policy.contains("default-src 'none'") && policy.contains("frame-ancestors 'none'"), "{path}");
        assert!(!policy.contains("unsafe"), "{path}");
        assert_eq!(answer.headers["x-content-type-options"], "nosniff", "{path}");
        assert!(answer.headers.contains_key("cache-control"), "{path}");
    }
}
