//! Proposes what a mistyped name was meant to be.

/// How alike two names must be for one to be proposed, 1 being the same.
const LIKENESS: f64 = 0.7;

/// Returns `did you mean ...` for the known name most like `name`, or the list of all that are known.
pub fn nearest<'a>(name: &str, known: impl Iterator<Item = &'a str> + Clone) -> String {
    let likeness = |other: &&str| strsim::jaro_winkler(name, other);
    let best = known.clone().max_by(|a, b| likeness(a).total_cmp(&likeness(b)));
    match best {
        Some(best) if likeness(&best) >= LIKENESS => format!("did you mean `{best}`?"),
        _ => format!("known are {}", known.map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_is_proposed() {
        let known = ["seed", "threads", "routing.audit-share"];
        assert_eq!(nearest("sed", known.into_iter()), "did you mean `seed`?");
        assert_eq!(nearest("qqqq", ["seed"].into_iter()), "known are `seed`");
    }
}
