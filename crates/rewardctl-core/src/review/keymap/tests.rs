use super::*;

/// A map with a key of its own for every action.
fn file() -> KeyFile {
    let keys: Vec<String> = (b'!'..=b'~').map(|byte| (byte as char).to_string()).collect();
    let mut file = KeyFile::new();
    for (at, known) in KNOWN.iter().enumerate() {
        file.entry(known.place.name().into()).or_default().insert(known.name.into(), vec![keys[at].clone()]);
    }
    file
}

fn changed(place: &str, action: &str, keys: &[&str]) -> Result<Keymap, KeymapError> {
    let keys = keys.iter().map(|key| (*key).to_owned()).collect();
    let changed = BTreeMap::from([(place.to_owned(), BTreeMap::from([(action.to_owned(), keys)]))]);
    Keymap::new(&file(), &changed)
}

#[test]
fn keys_are_found_where_they_work() {
    let map = changed("choose", "left", &["Enter"]).unwrap();
    assert_eq!(map.action(Kind::Choose, "Enter"), Some(Action::Left));
    assert_eq!(map.action(Kind::Rate, "Enter"), None);
    let undo = map.key(Action::Undo).to_owned();
    assert_eq!(map.action(Kind::Correct, &undo), Some(Action::Undo));
    assert_eq!(map.reason(&undo), None);
}

#[test]
fn a_key_has_one_meaning() {
    let map = changed("everywhere", "undo", &["~"]).unwrap();
    let taken = map.key(Action::Left).to_owned();
    let refused = changed("everywhere", "undo", &[&taken]);
    assert!(matches!(refused, Err(KeymapError::Collision { .. })), "{refused:?}");
    // The menu of reasons takes all keys for itself.
    let reason = map.key(Action::Undo).to_owned();
    assert!(changed("skip", "broken", &[&reason]).is_ok());
}

#[test]
fn nothing_but_keys_is_taken() {
    for wrong in ["", "ab", "<b>", "\u{1b}", "é", "Ctrl+c"] {
        let refused = changed("choose", "left", &[wrong]);
        assert!(matches!(refused, Err(KeymapError::NoKey { .. })), "{wrong:?} {refused:?}");
    }
    assert!(matches!(changed("choose", "left", &[]), Err(KeymapError::Count { .. })));
    assert!(matches!(changed("choose", "erase", &["x"]), Err(KeymapError::Unknown { .. })));
}
