//! Keeps ONNX Runtime from its telemetry: the library of the pinned release makes up a device id, keeps a database of events
//! in the user's cache and has an address to send them to, as soon as it is loaded. Only its environment tells it not to
//! before that.

use std::env;

/// The variable that the library reads, and what it takes for yes.
const VARIABLE: &str = "ORT_DISABLE_TELEMETRY";
const YES: &str = "1";

/// Sets the variable. Must be the first thing that `main` does.
#[expect(unsafe_code, reason = "the only way to tell the library, short of starting the program twice")]
pub fn switch_off() {
    // SAFETY: the environment may be changed while there is no other thread, and `main` has started none yet.
    unsafe { env::set_var(VARIABLE, YES) };
}
