//! Everything that can be asked, in one list: the router, the OpenAPI document and the tests are made of it.

use std::sync::Arc;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::http::{Method, StatusCode};
use axum::middleware::{from_fn, from_fn_with_state};
use axum::routing::{MethodRouter, delete, get, post, put};
use rewardctl_core::review::role::Permission::{Administer, Curate, Ingest, Read, Review, SeeScores};

use crate::app::{App, Shared};
use crate::guard::{Needs, guard, headers};
use crate::handlers::{bulk, data, labels, session, stats, tasks};
use crate::problem::Problem;
use crate::{openapi, page};

/// Where the API lies.
pub const API: &str = "/api/v1";

/// The most bytes of a body.
const BODY_BYTES: usize = 4 << 20;

/// Something that can be asked.
#[derive(Debug, Clone, Copy)]
pub struct Endpoint {
    /// The method.
    pub method: Verb,
    /// The address; what stands in braces is a variable.
    pub path: &'static str,
    /// Who may ask.
    pub needs: Needs,
    /// What is done, in a line.
    pub summary: &'static str,
    /// The schema of what stands in braces; None if nothing does.
    pub variable: Option<&'static str>,
    /// The names of the query, with their schemas.
    pub query: &'static [(&'static str, &'static str)],
    /// Those of them that must be there.
    pub required: &'static [&'static str],
    /// The schema of the body; None if there is none.
    pub body: Option<&'static str>,
    /// What success is answered with.
    pub answer: Answer,
    /// The status of the same answer where the same was done before; None where that is no other one.
    pub repeated: Option<u16>,
    /// Refusals beside those that every request can meet.
    pub refusals: &'static [u16],
    /// Whether `Idempotency-Key` makes the same request twice one.
    pub is_keyed: bool,
    handler: fn() -> MethodRouter<Shared>,
}

/// What success is answered with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answer {
    /// JSON of this schema.
    Json(u16, &'static str),
    /// No body.
    Empty(u16),
    /// A stream of events.
    Events,
}

/// A method of HTTP.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verb {
    /// Looks.
    Get,
    /// Does.
    Post,
    /// Puts in place.
    Put,
    /// Takes away.
    Delete,
}

impl Verb {
    /// Returns the method.
    pub fn method(self) -> Method {
        match self {
            Self::Get => Method::GET,
            Self::Post => Method::POST,
            Self::Put => Method::PUT,
            Self::Delete => Method::DELETE,
        }
    }
}

const fn look(
    path: &'static str,
    needs: Needs,
    summary: &'static str,
    answer: &'static str,
    handler: fn() -> MethodRouter<Shared>,
) -> Endpoint {
    Endpoint {
        method: Verb::Get,
        path,
        needs,
        summary,
        variable: None,
        query: &[],
        required: &[],
        body: None,
        answer: Answer::Json(200, answer),
        repeated: None,
        refusals: &[],
        is_keyed: false,
        handler,
    }
}

const fn act(
    (method, path): (Verb, &'static str),
    needs: Needs,
    summary: &'static str,
    (body, answer): (Option<&'static str>, Answer),
    handler: fn() -> MethodRouter<Shared>,
) -> Endpoint {
    let refusals: &[u16] = if body.is_some() { &[400, 404, 409, 413, 415, 422] } else { &[] };
    Endpoint { method, body, answer, refusals, ..look(path, needs, summary, "Any", handler) }
}

/// What is done with many tasks.
const fn many(path: &'static str, summary: &'static str, handler: fn() -> MethodRouter<Shared>) -> Endpoint {
    let changes = (Some("Which"), Answer::Json(200, "Changed"));
    Endpoint { is_keyed: true, ..act((Verb::Post, path), Needs::May(Curate), summary, changes, handler) }
}

const PAGE: &[(&str, &str)] = &[("after", "Place"), ("limit", "Limit")];
const TASK_QUERY: &[(&str, &str)] = &[
    ("after", "Place"),
    ("limit", "Limit"),
    ("kind", "Kind"),
    ("dimension", "Text"),
    ("purpose", "Text"),
    ("generator", "Text"),
    ("reason", "Text"),
    ("tag", "Text"),
    ("item", "Id"),
    ("state", "State"),
];
const REWARD_QUERY: &[(&str, &str)] =
    &[("after", "Place"), ("limit", "Limit"), ("min", "Number"), ("max", "Number")];

const BAD: &[u16] = &[400];
const ID: Option<&str> = Some("Id");
const TASK: Option<&str> = Some("Place");

/// Everything that can be asked below [`API`].
pub const ENDPOINTS: &[Endpoint] = &[
    look("/openapi.json", Needs::Nobody, "Describe this API", "Any", || get(openapi::document)),
    act(
        (Verb::Post, "/session"),
        Needs::Nobody,
        "Sign in with a token; answers with a cookie",
        (Some("SignIn"), Answer::Json(200, "Me")),
        || post(session::sign_in),
    ),
    act((Verb::Delete, "/session"), Needs::SignedIn, "Sign out", (None, Answer::Empty(204)), || {
        delete(session::sign_out)
    }),
    look("/me", Needs::SignedIn, "Say who asks, and what they may do", "Me", || get(session::me)),
    look("/keymap", Needs::SignedIn, "Return which key does what", "Keymap", || get(session::keymap)),
    Endpoint {
        query: PAGE,
        refusals: BAD,
        ..look("/items", Needs::May(Read), "List items", "Items", || get(data::items))
    },
    act(
        (Verb::Post, "/items"),
        Needs::May(Ingest),
        "Add items and responses",
        (Some("NewItems"), Answer::Json(201, "AddedItems")),
        || post(data::add_items),
    ),
    Endpoint {
        variable: ID,
        ..look("/items/{id}", Needs::May(Read), "Show an item", "Item", || get(data::item))
    },
    Endpoint {
        variable: ID,
        ..look(
            "/responses/{id}/verdicts",
            Needs::May(SeeScores),
            "Show what critics say of a response",
            "Judged",
            || get(data::verdicts),
        )
    },
    Endpoint {
        query: REWARD_QUERY,
        refusals: BAD,
        ..look("/rewards", Needs::May(SeeScores), "List rewards", "Rewards", || get(data::rewards))
    },
    Endpoint {
        query: TASK_QUERY,
        refusals: BAD,
        ..look("/tasks", Needs::May(SeeScores), "List tasks", "Tasks", || get(tasks::list))
    },
    act(
        (Verb::Post, "/tasks"),
        Needs::May(Curate),
        "Add tasks",
        (Some("NewTasks"), Answer::Json(201, "Added")),
        || post(tasks::add),
    ),
    many("/tasks/close", "Take open tasks out of the queue", || post(bulk::close)),
    many(
        "/tasks/reopen",
        "Take closed tasks into the queue again; a filter leaves those that somebody closed",
        || post(bulk::reopen),
    ),
    many("/tasks/release", "Take the leases of many tasks away from whoever holds them", || {
        post(bulk::release)
    }),
    Endpoint {
        variable: TASK,
        ..look("/tasks/{id}", Needs::May(SeeScores), "Show a task", "Task", || get(tasks::get))
    },
    Endpoint {
        is_keyed: true,
        ..act(
            (Verb::Post, "/tasks/claim"),
            Needs::May(Review),
            "Take tasks, the most pressing first",
            (Some("Claim"), Answer::Json(200, "Leases")),
            || post(tasks::claim),
        )
    },
    Endpoint {
        variable: TASK,
        ..act(
            (Verb::Post, "/tasks/{id}/heartbeat"),
            Needs::May(Review),
            "Hold a task longer",
            (Some("Token"), Answer::Json(200, "Expires")),
            || post(tasks::heartbeat),
        )
    },
    Endpoint {
        variable: TASK,
        ..act(
            (Verb::Post, "/tasks/{id}/give-back"),
            Needs::May(Review),
            "Give a task back unanswered",
            (Some("Token"), Answer::Empty(204)),
            || post(tasks::give_back),
        )
    },
    Endpoint {
        variable: TASK,
        ..act(
            (Verb::Post, "/tasks/{id}/release"),
            Needs::May(Curate),
            "Take the leases of a task away from whoever holds them",
            (Some("Release"), Answer::Json(200, "Released")),
            || post(bulk::free),
        )
    },
    Endpoint {
        variable: TASK,
        ..act(
            (Verb::Put, "/tasks/{id}/draft"),
            Needs::May(Review),
            "Keep what somebody typed on a task",
            (Some("Draft"), Answer::Empty(204)),
            || put(tasks::draft),
        )
    },
    Endpoint {
        variable: TASK,
        ..look(
            "/tasks/{id}/reveal",
            Needs::May(Read),
            "Show what critics and others said, to whoever has decided",
            "Revealed",
            || get(tasks::reveal),
        )
    },
    Endpoint {
        query: &[("left", "Id"), ("right", "Id")],
        required: &["left", "right"],
        refusals: &[400, 404],
        ..look("/diff", Needs::May(Read), "Show what differs between two responses", "Diff", || {
            get(tasks::diff)
        })
    },
    Endpoint {
        query: &[("after", "Place"), ("limit", "Limit"), ("annotator", "Text")],
        refusals: BAD,
        ..look("/labels", Needs::May(SeeScores), "List labels in force", "Labels", || get(labels::list))
    },
    Endpoint {
        is_keyed: true,
        repeated: Some(200),
        ..act(
            (Verb::Post, "/labels"),
            Needs::May(Review),
            "Decide a task",
            (Some("Decide"), Answer::Json(201, "Decided")),
            || post(labels::decide),
        )
    },
    Endpoint {
        is_keyed: true,
        ..act(
            (Verb::Post, "/labels/undo"),
            Needs::May(Review),
            "Take the last decision back",
            (Some("Nothing"), Answer::Json(200, "Undone")),
            || post(labels::undo),
        )
    },
    look("/stats", Needs::May(Read), "Count the queue", "Stats", || get(stats::stats)),
    look("/agreement", Needs::May(SeeScores), "Measure agreement, speed and habits", "Any", || {
        get(stats::agreement)
    }),
    Endpoint {
        answer: Answer::Events,
        ..look("/events", Needs::May(Read), "Stream the counts whenever they change", "Any", || {
            get(stats::events)
        })
    },
    look("/users", Needs::May(Administer), "List the users", "Users", || get(stats::users)),
    Endpoint {
        query: &[("before", "Place"), ("limit", "Limit")],
        refusals: BAD,
        ..look("/audit", Needs::May(Administer), "List the audit log, newest first", "Audit", || {
            get(stats::audit)
        })
    },
];

/// Returns the whole service.
pub fn router(app: &Arc<App>) -> Router {
    let mut api = Router::new();
    for endpoint in ENDPOINTS {
        let guarded =
            (endpoint.handler)().route_layer(from_fn_with_state((Arc::clone(app), endpoint.needs), guard));
        api = api.route(&format!("{API}{}", endpoint.path), guarded);
    }
    let missing = || async { Problem::not_found("there is nothing under this address") };
    let wrong = || async {
        Problem::new(StatusCode::METHOD_NOT_ALLOWED, "wrong_method", "the address takes another method")
    };
    api.merge(page::routes())
        .fallback(missing)
        .method_not_allowed_fallback(wrong)
        .layer(DefaultBodyLimit::max(BODY_BYTES))
        .layer(from_fn(headers))
        .with_state(Arc::clone(app))
}
