use super::*;

const MINIMAL: &str = r#"+++
name = "tone"
dimension = "tone"
mode = "pointwise"
role = "You are an editor."
goal = "Judge the tone."
rules = ["Be kind."]
[scale]
min = 0
max = 1
step = 0.5
[levels]
0 = "Rude."
"0.5" = "Neutral."
1 = "Kind."
+++
"#;

fn parse(text: &str) -> LlmCritic {
    LlmCritic::parse("tone.md", text).unwrap()
}

/// Checks what an edit of [`MINIMAL`] is refused with: the message, then its causes.
fn check_refused(from: &str, to: &str, expected: &str) {
    assert!(MINIMAL.contains(from));
    let error = LlmCritic::parse("tone.md", &MINIMAL.replacen(from, to, 1)).unwrap_err();
    let mut said = error.to_string();
    let mut source = std::error::Error::source(&error);
    while let Some(cause) = source {
        said = format!("{said}\n{cause}");
        source = cause.source();
    }
    assert!(said.contains("`tone.md`") && said.contains(expected), "{said}");
}

#[test]
fn every_shipped_critic_parses_under_its_own_name() {
    for (name, text) in SHIPPED {
        let critic = LlmCritic::parse(name, text).unwrap();
        assert_eq!(critic.name, *name);
        assert!(critic.rules.len() >= 4 && !critic.version.is_empty());
    }
}

#[test]
fn a_header_is_read() {
    let critic = parse(MINIMAL);
    let values: Vec<f64> = critic.levels.iter().map(|level| level.value).collect();
    assert_eq!(values, [0.0, 0.5, 1.0]);
    assert_eq!(critic.values_of_scale(11), Some(values));
    assert_eq!(critic.values_of_scale(2), None);
    assert_eq!((critic.max_tokens, critic.needs), (400, Needs::default()));
}

#[test]
fn tenths_stay_tenths() {
    let scale = Scale { min: 0.0, max: 1.0, step: 0.1, low_is_good: false };
    assert_eq!(values_of(&scale, 11).unwrap()[3].to_string(), "0.3");
}

#[test]
fn the_hash_follows_every_edit() {
    let hash = parse(MINIMAL).sha256;
    assert_eq!(hash, parse(MINIMAL).sha256);
    for (from, to) in [("Be kind.", "Be kinder."), ("Rude.", "Rude!"), ("mode", "# a note\nmode")] {
        let edited = MINIMAL.replacen(from, to, 1);
        assert_ne!(hash, parse(&edited).sha256);
    }
    assert_ne!(hash, parse(&format!("{MINIMAL}Own: {{{{ response }}}}")).sha256);
}

#[test]
fn errors_name_file_field_and_way_out() {
    check_refused("+++\n", "", "begin it with TOML between two lines of `+++`");
    check_refused("goal =", "gaol =", "unknown field `gaol`");
    check_refused("goal = \"Judge the tone.\"\n", "", "missing field `goal`");
    check_refused("\"Judge the tone.\"", "\" \"", "the field `goal` is blank; write it");
    check_refused("\"Be kind.\"", "\"\"", "the field `rules[0]` is blank");
    check_refused(
        "name = \"tone\"",
        "name = \"my tone\"",
        "the field `name` is `my tone`; use 1 to 40 letters",
    );
    check_refused(
        "dimension = \"tone\"",
        "dimension = \"a\\nb\"",
        "the field `dimension` has more than one line",
    );
    check_refused(
        "step = 0.5",
        "step = 0.3",
        "the field `scale` is no scale from `0` to `1` in steps of `0.3`",
    );
    check_refused("1 = \"Kind.\"", "", "the field `levels` has no sentence for `1`");
    check_refused(
        "1 = \"Kind.\"",
        "1 = \"Kind.\"\n2 = \"Holy.\"",
        "the field `levels` names `2`, which is not on",
    );
    check_refused(
        "1 = \"Kind.\"",
        "1 = \"Kind.\"\n\"1.0\" = \"Kind.\"",
        "the field `levels` names `1` twice",
    );
    check_refused(
        "rules =",
        "max-tokens = 5\nrules =",
        "the field `max-tokens` is `5`; a verdict takes at least 16",
    );
    check_refused("pointwise", "pairwise", "the field `scale` means nothing to a pairwise critic; remove it");
    check_refused("pointwise", "listwise", "unknown variant `listwise`");
}

#[test]
fn errors_name_the_line_of_the_file() {
    check_refused("goal =", "gaol =", "line 6");
    check_refused("1 = \"Kind.\"\n+++\n", "1 = \"Kind.\"\n+++\n\n{{ respnse }}\n", "tone.md:18)");
}

#[test]
fn examples_stand_on_the_scale() {
    let example =
        "[[examples]]\nprompt = \"Hi\"\nresponse = \"Yo\"\nscore = 0.7\nrationale = \"Curt.\"\n+++\n";
    let text = MINIMAL.replace("Kind.\"\n+++\n", &format!("Kind.\"\n{example}"));
    let error = LlmCritic::parse("tone.md", &text).unwrap_err().to_string();
    assert_eq!(
        error,
        "`tone.md`: the field `examples[0].score` names `0.7`, which is not on the scale; change it or the scale"
    );
}

#[test]
fn a_template_quotes_the_response_once_and_unchanged() {
    for (template, count) in [
        ("No response.", 0),
        ("{{ response | upper }}", 0),
        ("{{ response[:9] }}", 0),
        ("{{ response }} {{ response }}", 2),
        ("{% if findings %}{{ response }}{% endif %}", 0),
    ] {
        let error = LlmCritic::parse("tone.md", &format!("{MINIMAL}{template}")).unwrap_err();
        assert!(
            matches!(error, Error::CriticSlot { slot: "response", count: found, .. } if found == count),
            "{template}: {error}"
        );
    }
    let error = LlmCritic::parse("tone.md", &format!("{MINIMAL}Nothing.")).unwrap_err().to_string();
    assert!(error.contains("`{{ response }}` 0 times where it should stand once"), "{error}");
}

#[test]
fn a_template_cannot_run_for_long() {
    let endless =
        "{% for a in range(9999) %}{% for b in range(9999) %}x{% endfor %}{% endfor %}{{ response }}";
    let error = LlmCritic::parse("tone.md", &format!("{MINIMAL}{endless}")).unwrap_err();
    assert!(matches!(error, Error::CriticTemplate { .. }));
}

#[test]
fn what_a_critic_needs_is_missed() {
    let critic = shipped_critic("grounding");
    let mut context = Context { prompt: vec![], reference: None, documents: vec![" ".into()] };
    assert_eq!(critic.lacks(&context), Some("there are no documents"));
    context.documents.push("The sky is blue.".into());
    assert_eq!(critic.lacks(&context), None);
}
