use super::*;
use crate::settings::commented::commented_file;

fn refused(text: &str) -> String {
    let failure = flatten(Path::new("rewardctl.toml"), text).unwrap_err();
    format!("{}; hint: {}", failure.error, failure.hint.unwrap())
}

#[test]
fn an_unknown_key_is_refused_with_its_line() {
    assert_eq!(
        refused("seed = 1\n[routing]\nmax-uncertainity = 0.3\n"),
        "rewardctl.toml:3: unknown setting `routing.max-uncertainity`; hint: did you mean `routing.max-uncertainty`?"
    );
    assert_eq!(
        refused("pannel = 'x'"),
        "rewardctl.toml:1: unknown setting `pannel`; hint: did you mean `panel`?"
    );
}

#[test]
fn a_list_is_no_value() {
    assert!(refused("seed = [1]").starts_with("rewardctl.toml:1: `seed` must be a text or a number"));
}

#[test]
fn the_commented_file_is_valid_when_uncommented() {
    let text = commented_file();
    let is_setting =
        |line: &&str| line.starts_with("# ") && (line.contains(" = ") || line.starts_with("# ["));
    let uncommented: Vec<&str> =
        text.lines().map(|line| if is_setting(&line) { &line[2..] } else { line }).collect();
    let file = uncommented.join("\n");
    let found = flatten(Path::new("x"), &file).map_err(|failure| failure.error).unwrap();
    assert_eq!(found.len(), SETTINGS.len());
    for (key, value, _) in found {
        let setting = SETTINGS.iter().find(|setting| setting.key == key).unwrap();
        assert_eq!(value, plain(setting.default), "{key}");
    }
    read_tables(Path::new("x"), &file).map_err(|failure| failure.error).unwrap();
}
