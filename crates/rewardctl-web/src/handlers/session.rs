//! Signing in and out, and who one is.

use axum::Json;
use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::http::header::SET_COOKIE;
use axum::response::{IntoResponse, Response};
use rewardctl_core::review::chain::hex;
use rewardctl_core::review::role::Permission;
use rewardctl_core::review::token::hash;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::app::Shared;
use crate::extract::{Actor, Body};
use crate::guard::{SESSION_COOKIE, address, by_token, check_origin, cookie};
use crate::problem::Problem;

/// How long a session lasts, in milliseconds: a working day.
const SESSION_MS: i64 = 12 * 3_600_000;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SignIn {
    token: String,
}

/// Takes a token, and gives a cookie for it.
pub(crate) async fn sign_in(State(app): State<Shared>, request: Request) -> Result<Response, Problem> {
    use axum::extract::FromRequest;
    check_origin(request.headers())?;
    let address = address(&request);
    let Body(sign_in) = Body::<SignIn>::from_request(request, &app).await?;
    let wrong = || Problem::new(StatusCode::UNAUTHORIZED, "wrong_token", "nobody has this token");
    let token = sign_in.token.trim();
    let person = by_token(&app, token, &address).await?.ok_or_else(wrong)?;
    let mut random = [0u8; 32];
    getrandom::fill(&mut random).map_err(|_| {
        Problem::new(StatusCode::INTERNAL_SERVER_ERROR, "no_random", "there are no random numbers")
    })?;
    let session = hex(&random);
    app.begin_session(hash(&session), (token, &person), SESSION_MS).await?;
    let age = SESSION_MS / 1000;
    let cookie = format!("{SESSION_COOKIE}={session}; HttpOnly; SameSite=Strict; Path=/; Max-Age={age}");
    Ok(([(SET_COOKIE, cookie)], Json(me_of(&app, &person))).into_response())
}

/// Ends the session of the cookie.
pub(crate) async fn sign_out(State(app): State<Shared>, request: Request) -> Result<Response, Problem> {
    if let Some(session) = cookie(request.headers()) {
        app.end_session(&hash(session)).await?;
    }
    let cookie = format!("{SESSION_COOKIE}=; HttpOnly; SameSite=Strict; Path=/; Max-Age=0");
    Ok((StatusCode::NO_CONTENT, [(SET_COOKIE, cookie)]).into_response())
}

/// Says who asks.
pub(crate) async fn me(State(app): State<Shared>, Actor(person): Actor) -> Json<Value> {
    Json(me_of(&app, &person))
}

fn me_of(app: &Shared, person: &rewardctl_store::people::Person) -> Value {
    let may: Vec<Permission> = Permission::ALL.into_iter().filter(|it| person.role.may(*it)).collect();
    json!({
        "name": person.name, "role": person.role, "permissions": may, "lease_ms": app.work.lease_ms,
        "now_ms": app.now().ms,
    })
}

/// Returns which key does what.
pub(crate) async fn keymap(State(app): State<Shared>) -> Json<Value> {
    Json(json!({ "keys": app.keymap.lines().collect::<Vec<_>>() }))
}
