//! Proposes what a mistyped name was meant to be.

/// How alike two names must be for one to be proposed, 1 being the same.
const LIKENESS: f64 = 0.7;

/// Returns `did you mean ...` for the known name most like `name`, or the list of all that are known.
pub fn nearest<'a>(name: &str, known: impl Iterator<Item = &'a str> + Clone) -> String {
    match likest(name, known.clone()) {
        Some(likest) => format!("did you mean `{likest}`?"),
        None => format!("known are {}", known.map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")),
    }
}

/// Returns the known name most like `name`, if any is like it.
pub fn likest<'a>(name: &str, known: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let likeness = |other: &&str| strsim::jaro_winkler(name, other);
    let best = known.max_by(|a, b| likeness(a).total_cmp(&likeness(b)));
    best.filter(|best| likeness(best) >= LIKENESS)
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
