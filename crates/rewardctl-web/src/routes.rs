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
use crate::handlers::{data, labels, session, stats, tasks};
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
    /// The names of the query, with their schemas.
    pub query: &'static [(&'static str, &'static str)],
    /// The schema of the body; None if there is none.
    pub body: Option<&'static str>,
    /// The status of success and the schema of its body; None for a body that is no JSON, or none at all.
    pub answer: (u16, Option<&'static str>),
    /// Refusals beside those that every request can meet.
    pub refusals: &'static [u16],
    /// Whether `Idempotency-Key` makes the same request twice one.
    pub is_keyed: bool,
    handler: fn() -> MethodRouter<Shared>,
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
        query: &[],
        body: None,
        answer: (200, Some(answer)),
        refusals: &[],
        is_keyed: false,
        handler,
    }
}

const fn act(
    (method, path): (Verb, &'static str),
    needs: Needs,
    summary: &'static str,
    (body, answer): (Option<&'static str>, (u16, Option<&'static str>)),
    handler: fn() -> MethodRouter<Shared>,
) -> Endpoint {
    let refusals: &[u16] = if body.is_some() { &[400, 404, 409, 413, 415, 422] } else { &[] };
    Endpoint { method, path, needs, summary, query: &[], body, answer, refusals, is_keyed: false, handler }
}

const PAGE: &[(&str, &str)] = &[("after", "Place"), ("limit", "Limit")];
const TASK_QUERY: &[(&str, &str)] = &[
    ("after", "Place"),
    ("limit", "Limit"),
    ("kind", "Kind"),
    ("dimension", "Text"),
    ("purpose", "Text"),
    ("item", "Id"),
    ("state", "State"),
];
const REWARD_QUERY: &[(&str, &str)] =
    &[("after", "Place"), ("limit", "Limit"), ("min", "Number"), ("max", "Number")];

const BAD: &[u16] = &[400];
const NONE: &[u16] = &[404];

/// Everything that can be asked below [`API`].
pub const ENDPOINTS: &[Endpoint] = &[
    look("/openapi.json", Needs::Nobody, "Describe this API", "Any", || get(openapi::document)),
    act(
        (Verb::Post, "/session"),
        Needs::Nobody,
        "Sign in with a token; answers with a cookie",
        (Some("SignIn"), (200, Some("Me"))),
        || post(session::sign_in),
    ),
    act((Verb::Delete, "/session"), Needs::SignedIn, "Sign out", (None, (204, None)), || {
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
        (Some("NewItems"), (201, Some("AddedItems"))),
        || post(data::add_items),
    ),
    Endpoint {
        refusals: NONE,
        ..look("/items/{id}", Needs::May(Read), "Show an item", "Item", || get(data::item))
    },
    Endpoint {
        refusals: NONE,
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
        ..look("/tasks", Needs::May(Read), "List tasks", "Tasks", || get(tasks::list))
    },
    act(
        (Verb::Post, "/tasks"),
        Needs::May(Curate),
        "Add tasks",
        (Some("NewTasks"), (201, Some("Added"))),
        || post(tasks::add),
    ),
    Endpoint {
        refusals: NONE,
        ..look("/tasks/{id}", Needs::May(Read), "Show a task", "Task", || get(tasks::get))
    },
    Endpoint {
        is_keyed: true,
        ..act(
            (Verb::Post, "/tasks/claim"),
            Needs::May(Review),
            "Take tasks, the most pressing first",
            (Some("Claim"), (200, Some("Leases"))),
            || post(tasks::claim),
        )
    },
    act(
        (Verb::Post, "/tasks/{id}/heartbeat"),
        Needs::May(Review),
        "Hold a task longer",
        (Some("Token"), (200, Some("Expires"))),
        || post(tasks::heartbeat),
    ),
    act(
        (Verb::Post, "/tasks/{id}/give-back"),
        Needs::May(Review),
        "Give a task back unanswered",
        (Some("Token"), (204, None)),
        || post(tasks::give_back),
    ),
    act(
        (Verb::Post, "/tasks/{id}/release"),
        Needs::May(Curate),
        "Take the leases of a task away from whoever holds them",
        (Some("Release"), (200, Some("Released"))),
        || post(tasks::free),
    ),
    act(
        (Verb::Put, "/tasks/{id}/draft"),
        Needs::May(Review),
        "Keep what somebody typed on a task",
        (Some("Draft"), (204, None)),
        || put(tasks::draft),
    ),
    Endpoint {
        refusals: &[403, 404],
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
        refusals: &[400, 404],
        ..look("/diff", Needs::May(Read), "Show what differs between two responses", "Diff", || {
            get(tasks::diff)
        })
    },
    Endpoint {
        query: &[("after", "Place"), ("limit", "Limit"), ("annotator", "Text")],
        refusals: BAD,
        ..look("/labels", Needs::May(Read), "List labels; reviewers see their own", "Labels", || {
            get(labels::list)
        })
    },
    Endpoint {
        is_keyed: true,
        ..act(
            (Verb::Post, "/labels"),
            Needs::May(Review),
            "Decide a task",
            (Some("Decide"), (201, Some("Decided"))),
            || post(labels::decide),
        )
    },
    Endpoint {
        is_keyed: true,
        ..act(
            (Verb::Post, "/labels/undo"),
            Needs::May(Review),
            "Take the last decision back",
            (Some("Nothing"), (200, Some("Undone"))),
            || post(labels::undo),
        )
    },
    look("/stats", Needs::May(Read), "Count the queue", "Stats", || get(stats::stats)),
    look("/agreement", Needs::May(SeeScores), "Measure agreement, speed and habits", "Any", || {
        get(stats::agreement)
    }),
    Endpoint {
        answer: (200, None),
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
