//! Finds and masks personal data and secrets in text.
//!
//! Pure: no network, no files, no models. What is covered are the shapes that can be checked: [`kind`] lists them,
//! [`scanner`] finds them, [`mask`] hides them. Names and postal addresses are looked for on demand and badly: nothing
//! here makes a text anonymous.
//!
//! ```
//! use rewardctl_pii::mask::{Masker, Operator, mask};
//! use rewardctl_pii::scanner::{Options, Scanner};
//!
//! let scanner = Scanner::new(Options::default());
//! let text = "Write to jane@acme.org or john@acme.org.";
//! let findings = scanner.scan(text);
//! assert_eq!(mask(text, &findings, Operator::Placeholder), "Write to <EMAIL_1> or <EMAIL_2>.");
//! ```
//!
//! Every look at a candidate is bounded by a constant or skips what it has read, so time is linear in the text,
//! whoever wrote it.

pub mod finding;
pub mod kind;
pub mod mask;
pub mod scanner;

mod address;
mod border;
mod check;
mod context;
mod entropy;
mod fold;
mod network;
mod number;
mod path;
mod person;
mod secret;
