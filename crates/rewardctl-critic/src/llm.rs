//! Critics that ask a language model, over any server that speaks OpenAI's chat completions.
//!
//! A [`critic`] is data; [`prompt`] writes what it asks, with judged text behind a [`fence`]. A [`request`] is asked of
//! an endpoint in its [`dialect`]; the [`client`] brings back an [`exchange`], which [`completion`] reads into what was
//! answered or why nothing was, and [`reply`] into a verdict. Around it stand [`retry`], [`limit`], [`breaker`] and
//! [`price`], and [`cassette`], which plays recorded exchanges instead of asking. [`suspicion`] looks for what needs no
//! model, and [`injection`] is the suite of attacks that critics are audited with. Nothing here knows the store or the
//! environment; only [`client`] knows the network.

pub mod breaker;
pub mod cassette;
pub mod client;
pub mod completion;
pub mod critic;
pub mod dialect;
pub mod exchange;
pub mod family;
pub mod fence;
mod grammar;
pub mod injection;
pub mod limit;
pub mod price;
pub mod prompt;
pub mod reply;
pub mod request;
pub mod retry;
pub mod schema;
pub mod suspicion;
mod template;
