use std::sync::Arc;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{HeaderMap, Method, Request, StatusCode};
use rewardctl_core::review::keymap::{KeyFile, Keymap};
use rewardctl_core::review::role::Role;
use rewardctl_core::review::token::{Kept, RANDOM_BYTES, token};
use rewardctl_store::open::Store;
use rewardctl_store::people::{Now, Person, WorkSettings};
use serde_json::{Value, json};
use tempfile::TempDir;
use tower::ServiceExt;

use crate::app::{App, AppSettings};
use crate::guard::Needs;
use crate::openapi::openapi;
use crate::page::SCRIPTS;
use crate::routes::{API, ENDPOINTS, router};

mod access;
mod blind;
mod bulk;
mod hidden;
mod local;

/// A service on a store of its own, with a user of each role whose token is known.
struct Service {
    router: Router,
    app: Arc<App>,
    _folder: TempDir,
}

struct Answer {
    status: StatusCode,
    headers: HeaderMap,
    body: Value,
}

fn clock() -> Now {
    Now { ms: 1_000_000, text: "2026-01-01T00:00:00Z".into() }
}

fn token_of(role: Role) -> String {
    token(&[role as u8 + 1; RANDOM_BYTES]).0
}

async fn service() -> Service {
    let service = service_of(clock, None).await;
    for role in Role::ALL {
        service.add_user(role.name(), role).await;
    }
    service
}

/// A service without users, by this clock, for the local person whose token is known.
async fn service_of(clock: fn() -> Now, local: Option<(String, Kept)>) -> Service {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("store.db");
    let store = Store::open(&path).await.unwrap();
    let shipped: KeyFile = toml::from_str(include_str!("../../rewardctl/keymap.toml")).unwrap();
    let work = WorkSettings { overlap: 1, lease_ms: 60_000, repeat_share: 0.0, gold_share: 1.0, seed: 1 };
    let app = App::new(AppSettings {
        reader: Store::open(&path).await.unwrap(),
        store,
        keymap: Keymap::new(&shipped, &KeyFile::new()).unwrap(),
        work,
        clock,
        local,
        requests_a_second: 1000.0,
    });
    Service { router: router(&app), app, _folder: folder }
}

impl Service {
    /// Adds a user who has the token of the role.
    async fn add_user(&self, name: &str, role: Role) {
        let person = Person { name: name.into(), role };
        let kept = token(&[role as u8 + 1; RANDOM_BYTES]).1;
        self.app.store.add_user(&person, &kept, "test", &clock()).await.unwrap();
    }

    async fn send(&self, request: Request<Body>) -> Answer {
        let response = self.router.clone().oneshot(request).await.unwrap();
        let (status, headers) = (response.status(), response.headers().clone());
        // A stream of events never ends.
        let is_stream = headers.get("content-type").is_some_and(|kind| kind == "text/event-stream");
        let bytes = if is_stream {
            Default::default()
        } else {
            to_bytes(response.into_body(), 1 << 24).await.unwrap()
        };
        let body = serde_json::from_slice(&bytes).unwrap_or(Value::Null);
        Answer { status, headers, body }
    }

    async fn ask(&self, method: Method, path: &str, role: Option<Role>, body: Option<Value>) -> Answer {
        let mut request = Request::builder().method(method).uri(format!("{API}{path}"));
        if let Some(role) = role {
            request = request.header("authorization", format!("Bearer {}", token_of(role)));
        }
        let body = match body {
            Some(body) => {
                request = request.header("content-type", "application/json");
                Body::from(body.to_string())
            }
            None => Body::empty(),
        };
        self.send(request.body(body).unwrap()).await
    }

    async fn post(&self, path: &str, role: Role, body: Value) -> Answer {
        self.ask(Method::POST, path, Some(role), Some(body)).await
    }

    async fn get(&self, path: &str, role: Role) -> Answer {
        self.ask(Method::GET, path, Some(role), None).await
    }

    /// Adds an item with two responses, and returns their ids.
    async fn item(&self, texts: [&str; 2]) -> Value {
        let responses: Vec<Value> =
            texts.iter().map(|text| json!({"text": text, "generator": "gpt"})).collect();
        let item = json!({"prompt": [{"role": "user", "content": "Which?"}], "responses": responses});
        let added = self.post("/items", Role::Ingest, json!({"items": [item]})).await;
        assert_eq!(added.status, 201, "{}", added.body);
        added.body["items"][0].clone()
    }

    /// Adds an item with two responses and a task to choose, and returns the ids.
    async fn task(&self, texts: [&str; 2]) -> Value {
        let item = self.item(texts).await;
        let task =
            json!({"kind": "choose", "item": item["id"], "responses": item["responses"], "reason": "secret"});
        let added = self.post("/tasks", Role::Curator, json!({"tasks": [task]})).await;
        assert_eq!((added.status, &added.body["added"]), (StatusCode::CREATED, &json!(1)), "{}", added.body);
        item
    }

    async fn claim(&self, role: Role) -> Value {
        let answer = self.post("/tasks/claim", role, json!({})).await;
        assert_eq!(answer.status, 200, "{}", answer.body);
        answer.body["leases"][0].clone()
    }
}

fn decide(lease: &Value, answer: Value) -> Value {
    json!({"task": lease["task"], "token": lease["token"], "answer": answer})
}

/// Every address with every role: whoever lacks the permission is refused, and nobody else is.
#[tokio::test]
async fn each_role_may_do_what_it_may() {
    let service = service().await;
    for endpoint in ENDPOINTS {
        let path = endpoint.path.replace("{id}", "1");
        for role in [None].into_iter().chain(Role::ALL.map(Some)) {
            let body = endpoint.body.map(|_| json!({}));
            let answer = service.ask(endpoint.method.method(), &path, role, body).await;
            let due = match (endpoint.needs, role) {
                (Needs::Nobody, _) => None,
                (_, None) => Some((401, "signed_out")),
                (Needs::May(permission), Some(role)) if !role.may(permission) => Some((403, "forbidden")),
                _ => None,
            };
            let found = (answer.status.as_u16(), answer.body["code"].as_str().unwrap_or(""));
            let what = format!("{:?} {} as {role:?}: {found:?}", endpoint.method, endpoint.path);
            match due {
                Some(due) => assert_eq!(found, due, "{what}"),
                None => {
                    assert!(!["forbidden", "signed_out", "wrong_method"].contains(&found.1), "{what}");
                    let declared = openapi();
                    let operation = &declared["paths"][format!("{API}{}", endpoint.path)]
                        [endpoint.method.method().as_str().to_lowercase()];
                    let status = answer.status.as_str();
                    assert!(operation["responses"][status].is_object(), "{what} is not declared");
                }
            }
        }
    }
}

#[tokio::test]
async fn what_is_not_there_is_a_problem() {
    let service = service().await;
    let missing = service.get("/nothing", Role::Admin).await;
    assert_eq!((missing.status.as_u16(), &missing.body["code"]), (404, &json!("not_found")));
    assert_eq!(missing.headers["content-type"], "application/problem+json");
    let wrong = service.ask(Method::DELETE, "/items", Some(Role::Admin), None).await;
    assert_eq!((wrong.status.as_u16(), &wrong.body["code"]), (405, &json!("wrong_method")));
    for (path, status) in [
        ("/items?limit=0", 400),
        ("/items?limit=x", 400),
        ("/items?colour=red", 400),
        ("/items?after=-1", 400),
        ("/items/zzz", 404),
        ("/tasks/9", 404),
        ("/tasks?state=lost", 400),
        ("/rewards?min=x", 400),
    ] {
        let answer = service.get(path, Role::Curator).await;
        assert_eq!(answer.status.as_u16(), status, "{path}: {}", answer.body);
        assert_eq!(answer.headers["content-type"], "application/problem+json", "{path}");
    }
}

#[tokio::test]
async fn a_body_that_is_none_is_refused() {
    let service = service().await;
    let send = async |kind: &str, body: String| {
        let request = Request::builder()
            .method("POST")
            .uri("/api/v1/labels")
            .header("authorization", format!("Bearer {}", token_of(Role::Reviewer)))
            .header("content-type", kind)
            .body(Body::from(body))
            .unwrap();
        let answer = service.send(request).await;
        (answer.status.as_u16(), answer.body["code"].as_str().unwrap_or("").to_owned())
    };
    let is = |status, code: &str| (status, code.to_owned());
    assert_eq!(send("text/plain", "{}".into()).await, is(415, "not_json"));
    assert_eq!(send("application/json", "{".into()).await, is(400, "bad_request"));
    assert_eq!(send("application/json", "[]".into()).await, is(422, "bad_body"));
    assert_eq!(
        send("application/json", format!("{{\"answer\":{{\"x\":{}", "[".repeat(10_000))).await,
        is(400, "bad_request")
    );
    let huge = format!("{{\"task\":1,\"note\":\"{}\"}}", "x".repeat(5 << 20));
    assert_eq!(send("application/json", huge).await, is(413, "too_large"));
}

#[tokio::test]
async fn a_task_is_taken_decided_and_taken_back() {
    let service = service().await;
    service.task(["four", "five"]).await;
    let lease = service.claim(Role::Reviewer).await;
    assert_eq!(service.claim(Role::Curator).await, Value::Null, "nobody else gets it");
    let left = lease["responses"][0]["id"].clone();
    let body = decide(&lease, json!({"kind": "choose", "choice": "left"}));
    let kept = service.post("/labels", Role::Reviewer, body.clone()).await;
    assert_eq!((kept.status, &kept.body["ends"]), (StatusCode::CREATED, &json!(true)), "{}", kept.body);
    let again = service.post("/labels", Role::Reviewer, body).await;
    assert_eq!((again.status, &again.body["repeated"]), (StatusCode::OK, &json!(true)));
    let other = decide(&lease, json!({"kind": "choose", "choice": "right"}));
    let refused = service.post("/labels", Role::Reviewer, other).await;
    assert_eq!((refused.status.as_u16(), &refused.body["code"]), (409, &json!("already_decided")));
    let labels = service.get("/labels?annotator=reviewer", Role::Viewer).await.body;
    let said = &labels["labels"][0]["label"]["judgement"]["compare"];
    let winner = said["winner"].as_str().unwrap();
    assert_eq!(said[winner], left);
    let undone = service.post("/labels/undo", Role::Reviewer, json!({})).await;
    assert_eq!((undone.status.as_u16(), &undone.body["lease"]["task"]), (200, &lease["task"]));
    assert_eq!(service.get("/labels", Role::Curator).await.body["labels"], json!([]));
    let unfit = decide(&undone.body["lease"], json!({"kind": "rate", "value": 3}));
    let unfit = service.post("/labels", Role::Reviewer, unfit).await;
    assert_eq!((unfit.status.as_u16(), &unfit.body["code"]), (422, &json!("unfit_decision")));
}

#[tokio::test]
async fn one_persons_lease_is_no_use_to_another() {
    let service = service().await;
    service.task(["four", "five"]).await;
    let lease = service.claim(Role::Reviewer).await;
    let task = lease["task"].as_i64().unwrap();
    let token = json!({"token": lease["token"]});
    let beat = service.post(&format!("/tasks/{task}/heartbeat"), Role::Curator, token.clone()).await;
    assert_eq!(beat.body["code"], json!("lease_lost"));
    let body = decide(&lease, json!({"kind": "choose", "choice": "tie"}));
    let stolen = service.post("/labels", Role::Curator, body).await;
    assert_eq!((stolen.status.as_u16(), &stolen.body["code"]), (409, &json!("no_lease")));
    let back = service.post(&format!("/tasks/{task}/give-back"), Role::Curator, token).await;
    assert_eq!(back.status, 204);
    assert_eq!(service.claim(Role::Curator).await, Value::Null, "it was not theirs to give back");
    let freed = service.post(&format!("/tasks/{task}/release"), Role::Curator, json!({})).await;
    assert_eq!(freed.body["released"], json!(1));
    assert_ne!(service.claim(Role::Curator).await, Value::Null);
}

/// The page has no script, style or handler in its text, and never turns text into markup.
#[test]
fn the_page_keeps_to_its_policy() {
    let page = include_str!("../assets/index.html");
    let scripts = SCRIPTS.map(|(_, script)| script).concat();
    let style = include_str!("../assets/app.css");
    assert!(!page.contains(" style=") && !page.contains("<style") && !page.contains(" onclick"));
    for markup in ["innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval(", "new Function"]
    {
        assert!(!scripts.contains(markup), "{markup}");
    }
    let size = page.len() + scripts.len() + style.len();
    assert!(size < 100_000, "{size}");
}

#[test]
fn the_document_refers_to_what_is_there() {
    let document = openapi();
    let schemas = document["components"]["schemas"].as_object().unwrap();
    let text = document.to_string();
    for part in text.split("#/components/schemas/").skip(1) {
        let name = part.split('"').next().unwrap();
        assert!(schemas.contains_key(name), "{name}");
    }
    let listed: usize =
        document["paths"].as_object().unwrap().values().map(|path| path.as_object().unwrap().len()).sum();
    assert_eq!(listed, ENDPOINTS.len());
    // Only a decision that comes again is answered otherwise than the first time.
    for (path, is_given) in [("/items", false), ("/tasks", false), ("/labels", true)] {
        let given = document["paths"][format!("{API}{path}")]["post"]["responses"]["200"].is_object();
        assert_eq!(given, is_given, "{path}");
    }
}

#[tokio::test]
async fn hostile_texts_come_out_as_they_went_in() {
    let service = service().await;
    let hostile = "<script>alert(1)</script>\u{1b}[2J\u{202e}abc\u{200b}";
    service.task([hostile, "javascript:alert(1)"]).await;
    let lease = service.claim(Role::Reviewer).await;
    let texts: Vec<&str> =
        lease["responses"].as_array().unwrap().iter().map(|shown| shown["text"].as_str().unwrap()).collect();
    assert!(texts.contains(&hostile));
    let (left, right) = (&lease["responses"][0]["id"], &lease["responses"][1]["id"]);
    let path = format!("/diff?left={}&right={}", left.as_str().unwrap(), right.as_str().unwrap());
    let diff = service.get(&path, Role::Reviewer).await;
    assert_eq!(diff.headers["content-type"], "application/json");
    assert!(diff.body["pieces"].is_array(), "{}", diff.body);
}
