use super::*;

/// Written by `tests/golden/make_golden.py`, which names the programs and versions.
const GOLDEN: &str = include_str!("../../../tests/golden/overlap.json");
const TOLERANCE: f64 = 1e-9;

#[test]
fn overlap_equals_the_reference_programs() {
    let cases: Vec<serde_json::Value> = serde_json::from_str(GOLDEN).unwrap();
    assert!(cases.len() > 20);
    for case in cases {
        let text = |key: &str| case[key].as_str().unwrap().to_owned();
        let (reference, response) = (text("reference"), text("response"));
        for critic in ["rule.token_f1", "rule.rouge_l"] {
            let setting =
                Case { prompt: "Well?", reference: &reference, response: &response, ..Case::default() };
            let score = verdict_of(&DEFAULT_RULES, critic, setting).score().unwrap().get();
            let expected = case[critic].as_f64().unwrap();
            assert!((score - expected).abs() < TOLERANCE, "{critic} of {case} is {score}");
        }
    }
}
