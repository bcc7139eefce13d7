//! The service where people review: a REST API under `/api/v1`, and the page that uses it.
//!
//! [`routes`] is the one list of what can be asked, by whom: the router, the OpenAPI document and the tests are made of
//! it. Every request passes the `guard`, which says who it is, whether they may, and whether a browser was tricked into
//! asking. [`handlers`] then take the request apart, call the store, and answer; errors are [`problem`]s with stable
//! codes. [`serve`] listens until it is told to stop.

pub mod app;
pub mod handlers;
pub mod openapi;
pub mod problem;
pub mod routes;
pub mod serve;

mod extract;
mod guard;
mod limits;
mod page;
#[cfg(test)]
mod tests;
