//! Rules of compliance: what a response must not have, or must have.

pub(crate) mod code;
pub(crate) mod disclaimer;
pub(crate) mod injection;
pub(crate) mod links;
pub(crate) mod personal_data;
pub(crate) mod prompt_leak;
pub(crate) mod refusal;
pub(crate) mod secrets;
pub(crate) mod terms;
