//! The page: files that lie in the program.

use axum::Router;
use axum::http::StatusCode;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::response::IntoResponse;
use axum::routing::get;

use crate::app::Shared;

const PAGE: &str = include_str!("../assets/index.html");
/// The scripts with their addresses.
pub(crate) const SCRIPTS: [(&str, &str); 5] = [
    ("/app.js", include_str!("../assets/app.js")),
    ("/draw.js", include_str!("../assets/draw.js")),
    ("/queue.js", include_str!("../assets/queue.js")),
    ("/service.js", include_str!("../assets/service.js")),
    ("/write.js", include_str!("../assets/write.js")),
];
const STYLE: &str = include_str!("../assets/app.css");

/// Returns the addresses of the page.
pub(crate) fn routes() -> Router<Shared> {
    let file = |kind: &'static str, body: &'static str| {
        // A browser asks again each time, so that a new program never runs an old script.
        get(
            move || async move { ([(CONTENT_TYPE, kind), (CACHE_CONTROL, "no-cache")], body).into_response() },
        )
    };
    let scripts = SCRIPTS.iter().fold(Router::new(), |router, (path, script)| {
        router.route(path, file("text/javascript; charset=utf-8", script))
    });
    scripts
        .route("/", file("text/html; charset=utf-8", PAGE))
        .route("/app.css", file("text/css; charset=utf-8", STYLE))
        .route("/favicon.ico", get(|| async { StatusCode::NO_CONTENT }))
        .route("/healthz", get(|| async { "ok\n" }))
}
