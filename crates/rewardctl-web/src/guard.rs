//! Who asks, whether they may, and whether a browser was tricked into asking.

use std::net::SocketAddr;
use std::time::Duration;

use axum::extract::{ConnectInfo, Request, State};
use axum::http::header::{AUTHORIZATION, CACHE_CONTROL, COOKIE};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use rewardctl_core::review::role::Permission;
use rewardctl_core::review::token::{hash, kept};
use rewardctl_store::people::Person;

use crate::app::{App, Shared};
use crate::extract::{Actor, header};
use crate::problem::Problem;

/// The name of the cookie that holds a session.
pub(crate) const SESSION_COOKIE: &str = "rewardctl_session";

/// The header that a page of ours sends and that no form of another page can.
pub(crate) const OWN_HEADER: &str = "x-rewardctl";

/// The most time that a request takes.
const REQUEST_TIME: Duration = Duration::from_secs(30);

/// Who may ask.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Needs {
    /// Everybody.
    Nobody,
    /// Whoever has signed in.
    SignedIn,
    /// Whoever has this permission.
    May(Permission),
}

/// How somebody showed who they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum By {
    Token,
    /// A browser sends it by itself, also when another page makes it ask.
    Cookie,
}

/// Lets a request pass that its sender may make.
pub(crate) async fn guard(
    State((app, needs)): State<(Shared, Needs)>,
    mut request: Request,
    next: Next,
) -> Response {
    if needs != Needs::Nobody {
        // The body is not looked at, and could not be shared with what waits for the store.
        let (headers, method, from) =
            (request.headers().clone(), request.method().clone(), address(&request));
        match permitted(&app, needs, (&headers, &method), &from).await {
            Ok(person) => {
                request.extensions_mut().insert(Actor(person));
            }
            Err(problem) => return problem.into_response(),
        }
    }
    match tokio::time::timeout(REQUEST_TIME, next.run(request)).await {
        Ok(response) => response,
        Err(_) => {
            let status = StatusCode::SERVICE_UNAVAILABLE;
            Problem::new(status, "timeout", "the request took too long").into_response()
        }
    }
}

async fn permitted(
    app: &App,
    needs: Needs,
    (headers, method): (&HeaderMap, &Method),
    address: &str,
) -> Result<Person, Problem> {
    let found = person(app, headers, address).await?;
    let Some((person, by)) = found else {
        return Err(Problem::new(StatusCode::UNAUTHORIZED, "signed_out", "sign in first"));
    };
    if by == By::Cookie && !method.is_safe() {
        check_origin(headers)?;
    }
    if let Needs::May(permission) = needs
        && !person.role.may(permission)
    {
        let detail = format!("a {} may not do this", person.role.name());
        return Err(Problem::new(StatusCode::FORBIDDEN, "forbidden", detail));
    }
    if !app.limits.may_ask(&person.name, app.now().ms) {
        let detail = "too many requests; wait a moment";
        return Err(Problem::new(StatusCode::TOO_MANY_REQUESTS, "too_many_requests", detail));
    }
    Ok(person)
}

async fn person(app: &App, headers: &HeaderMap, address: &str) -> Result<Option<(Person, By)>, Problem> {
    if let Some(value) = headers.get(AUTHORIZATION) {
        let token = value.to_str().ok().and_then(|value| value.strip_prefix("Bearer "));
        return Ok(by_token(app, token.unwrap_or(""), address).await?.map(|person| (person, By::Token)));
    }
    let Some(session) = cookie(headers) else { return Ok(None) };
    Ok(app.person_of_session(&hash(session)).await?.map(|person| (person, By::Cookie)))
}

/// Returns whose token it is; an error where an address goes on trying wrong ones. The right one always passes: many people
/// may come from one address.
pub(crate) async fn by_token(app: &App, token: &str, address: &str) -> Result<Option<Person>, Problem> {
    let found = match kept(token) {
        Some(token) => app.person_of_token(&token).await?,
        None => None,
    };
    if found.is_none() && !app.limits.may_be_wrong(address, app.now().ms) {
        let detail = "too many wrong tokens; wait a few seconds";
        return Err(Problem::new(StatusCode::TOO_MANY_REQUESTS, "too_many_requests", detail));
    }
    Ok(found)
}

/// Returns the address that a request comes from.
pub(crate) fn address(request: &Request) -> String {
    let info = request.extensions().get::<ConnectInfo<SocketAddr>>();
    info.map_or_else(|| "unknown".into(), |ConnectInfo(address)| address.ip().to_string())
}

/// Returns the session of the cookie.
pub(crate) fn cookie(headers: &HeaderMap) -> Option<&str> {
    let cookies = headers.get_all(COOKIE).iter().filter_map(|value| value.to_str().ok());
    cookies.flat_map(|line| line.split("; ")).find_map(|pair| {
        let (name, value) = pair.split_once('=')?;
        (name == SESSION_COOKIE).then_some(value)
    })
}

/// Refuses what a page of somebody else made the browser ask: it comes from another origin, or lacks the header that only
/// scripts of our own origin can send.
pub(crate) fn check_origin(headers: &HeaderMap) -> Result<(), Problem> {
    let is_ours = headers.contains_key(OWN_HEADER);
    let is_same_origin = match header(headers, "sec-fetch-site") {
        // The browser knows; a proxy may have changed the host.
        Some("same-origin") => true,
        None | Some("none") => is_same_host(headers),
        Some(_) => false,
    };
    if is_ours && is_same_origin {
        return Ok(());
    }
    Err(Problem::new(StatusCode::FORBIDDEN, "other_origin", "the request comes from another page"))
}

/// Tells whether the origin, where a browser names it, is the host that was asked.
fn is_same_host(headers: &HeaderMap) -> bool {
    let host = header(headers, "host").unwrap_or("");
    header(headers, "origin").is_none_or(|origin| {
        origin.split_once("://").is_some_and(|(_, origin_host)| !host.is_empty() && origin_host == host)
    })
}

/// What browsers may do with our answers: nothing but what the page needs.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self'; \
     form-action 'none'; base-uri 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'";

/// Puts the headers on every answer that keep browsers from doing more than they should.
pub(crate) async fn headers(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    for (name, value) in [
        ("content-security-policy", POLICY),
        ("x-content-type-options", "nosniff"),
        ("x-frame-options", "DENY"),
        ("referrer-policy", "no-referrer"),
        ("cross-origin-opener-policy", "same-origin"),
        ("cross-origin-resource-policy", "same-origin"),
        ("permissions-policy", "camera=(), microphone=(), geolocation=()"),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    headers.entry(CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    response
}
