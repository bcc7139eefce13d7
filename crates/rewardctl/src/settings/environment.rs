//! The environment: what is set, and what looks like ours but is read by nothing.

use std::env;
use std::ffi::OsString;

use secrecy::{ExposeSecret, SecretString};

use crate::show::{printable, say};
use crate::suggest;

const PREFIX: &str = "REWARDCTL_";
/// What only the tests read.
const TESTS: &str = "REWARDCTL_TEST_";

/// Returns the value of a variable; one that is empty counts as not set.
pub fn variable(name: &str) -> Option<OsString> {
    env::var_os(name).filter(|value| !value.is_empty())
}

/// Returns the key that a variable holds.
pub fn key(name: &str) -> Option<SecretString> {
    let key = variable(name)?.into_string().ok()?;
    let key = key.trim();
    (!key.is_empty()).then(|| SecretString::from(key))
}

/// Returns the proxy that stands between here and `address`; this machine is always reached directly.
pub fn proxy(address: &str) -> Option<SecretString> {
    let host = address.split("//").nth(1)?.split(['/', '?']).next()?;
    let host = host.rsplit('@').next()?.trim_start_matches('[');
    let is_here = ["localhost", "127.", "::1"].iter().any(|here| host.starts_with(here));
    let excepted = ["NO_PROXY", "no_proxy"].into_iter().find_map(key);
    let is_excepted = excepted.is_some_and(|list| {
        let hosts = list.expose_secret().split(',').map(str::trim).filter(|except| !except.is_empty());
        hosts
            .into_iter()
            .any(|except| except == "*" || host.split(':').next().is_some_and(|host| host.ends_with(except)))
    });
    let names = if address.starts_with("https") {
        ["HTTPS_PROXY", "https_proxy"]
    } else {
        ["HTTP_PROXY", "http_proxy"]
    };
    let proxy = names.into_iter().find_map(key);
    proxy.filter(|_| !is_here && !is_excepted)
}

/// Warns of every variable of our prefix that is not `known`.
pub fn warn_of_unknown<'a>(known: impl Iterator<Item = &'a str> + Clone) {
    let names = env::vars_os().map(|(name, _)| name.to_string_lossy().into_owned());
    let mut ours: Vec<String> =
        names.filter(|name| name.starts_with(PREFIX) && !name.starts_with(TESTS)).collect();
    ours.sort();
    for name in ours.iter().filter(|name| known.clone().all(|known| known != *name)) {
        say(format!(
            "warning: nothing reads the environment variable `{}`: {}",
            printable(name, 60),
            hint(name, known.clone())
        ));
    }
}

fn hint<'a>(name: &str, known: impl Iterator<Item = &'a str>) -> String {
    // The prefix, which all have, would make any two look alike.
    fn short(name: &str) -> &str {
        name.trim_start_matches(PREFIX)
    }
    match suggest::likest(short(name), known.map(short)) {
        Some(likest) => format!("did you mean `{PREFIX}{likest}`?"),
        None => "`rewardctl config show --json` lists those that count".into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_prefix_makes_nothing_alike() {
        let known = ["REWARDCTL_SEED", "REWARDCTL_THREADS"];
        assert_eq!(hint("REWARDCTL_SED", known.into_iter()), "did you mean `REWARDCTL_SEED`?");
        let none = "`rewardctl config show --json` lists those that count";
        assert_eq!(hint("REWARDCTL_QQQ", known.into_iter()), none);
    }
}
