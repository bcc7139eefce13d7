//! Keeps ONNX Runtime from its telemetry: the library of the pinned release makes up a device id, keeps a database of events
//! in the user's cache and has an address to send them to, as soon as it is loaded.
//!
//! Only its environment tells it not to before that, and changing the environment of a running process is not safe in Rust:
//! so the program replaces itself once, before anything is read, by itself with the variable set.
//!
//! The allocator reads its settings in the same way. It would ask for pages of 2 MiB, which cost a short run more to clear than a
//! long one gains by them, and up to a quarter of the memory.

use std::env;
use std::io;
use std::os::unix::process::CommandExt;
use std::path::PathBuf;
use std::process::Command;

use crate::exit::Failure;

/// The variable that the library reads, and what it takes for yes.
const VARIABLE: &str = "ORT_DISABLE_TELEMETRY";
const YES: &str = "1";
/// The variable by which the allocator is told of pages of 2 MiB, and what it takes for no.
const LARGE_PAGES: &str = "MIMALLOC_ALLOW_THP";
const NO: &str = "0";

/// Returns where the variable is set; elsewhere starts the program again with it.
pub fn switch_off() -> Result<(), Failure> {
    if env::var_os(VARIABLE).is_some_and(|value| value == YES) {
        return Ok(());
    }
    let failed = |error| {
        let error =
            anyhow::Error::new(error).context("failed to start again without telemetry of ONNX Runtime");
        let hint = format!("set {VARIABLE}={YES} yourself");
        Failure { hint: Some(hint), ..Failure::machine(error) }
    };
    let mut arguments = env::args_os();
    let mut again = Command::new(itself().map_err(failed)?);
    again.arg0(arguments.next().unwrap_or_default());
    if env::var_os(LARGE_PAGES).is_none() {
        again.env(LARGE_PAGES, NO);
    }
    Err(failed(again.args(arguments).env(VARIABLE, YES).exec()))
}

/// The running program: on Linux also where its file was replaced or removed since.
fn itself() -> io::Result<PathBuf> {
    if cfg!(target_os = "linux") { Ok("/proc/self/exe".into()) } else { env::current_exe() }
}
