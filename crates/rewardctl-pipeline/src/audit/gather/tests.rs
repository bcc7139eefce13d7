use rewardctl_core::item::{Context, Item, Message, Response};
use rewardctl_core::label::Winner;
use rewardctl_core::score::Scale;
use rewardctl_core::verdict::{Evidence, Method};

use super::*;

/// Makes a row of responses with their roles.
fn row(prompt: &str, responses: &[(&str, &str)], metadata: &str) -> Row {
    let context = Context { prompt: vec![Message::user(prompt)], reference: None, documents: vec![] };
    let response = |(text, role): &(&str, &str)| Response {
        text: text.to_string(),
        generator: None,
        role: (!role.is_empty()).then(|| role.to_string()),
    };
    let responses: Vec<Response> = responses.iter().map(response).collect();
    let id = context.id();
    Row {
        file: "x".into(),
        line: 1,
        id,
        responses: responses.iter().map(|response| response.id(id)).collect(),
        item: Item { name: None, context, responses, metadata: metadata.into() },
    }
}

fn verdict(score: f64, bouts: Vec<Bout>) -> Verdict {
    Verdict {
        critic: "c".into(),
        dimension: "d".into(),
        outcome: Outcome::Scored { score: Score::new(score).unwrap(), variance: None },
        rationale: String::new(),
        spans: vec![],
        flagged: false,
        evidence: Some(Evidence { method: Method::Comparisons, calls: vec![], bouts }),
    }
}

fn gather(rows: &[Row]) -> Gathered {
    let mut gathered = Gathered::new(vec!["winner".into(), "rating".into()]);
    for row in rows {
        for at in 0..row.responses.len() {
            let verdicts = vec![verdict(0.5, vec![])];
            gathered.add(&Answer { row, at, verdicts, reward: Err("none".into()), confidence: None });
        }
    }
    gathered
}

fn preferred(gathered: &Gathered) -> Vec<((usize, usize, usize), Option<usize>)> {
    gathered.preferred.iter().map(|(pair, preferred)| (*pair, *preferred)).collect()
}

#[test]
fn a_response_counts_once_and_its_item_too() {
    let rows = [
        row("p", &[("a", "chosen"), ("b", "rejected")], ""),
        row("q", &[("a", "")], ""),
        row("p", &[("c", "chosen"), ("a", "rejected")], ""),
    ];
    let gathered = gather(&rows);
    assert_eq!(gathered.items, [vec![0, 1, 3], vec![2]]);
    assert_eq!(preferred(&gathered), [((0, 0, 1), Some(0)), ((0, 0, 3), Some(3))]);
    assert_eq!(gathered.pairs(), [(0, 1), (0, 3), (1, 3)]);
}

#[test]
fn a_persons_word_outranks_the_file() {
    let rows =
        [row("p", &[("a", "chosen"), ("b", "rejected")], ""), row("q", &[("a", "")], "{\"rating\":4}")];
    let [first, second] = [rows[0].responses[0], rows[0].responses[1]];
    let compare = Judgement::Compare { a: first, b: second, winner: Winner::B, strength: None };
    let rate = |dimension: Option<&str>, value| Judgement::Rate {
        response: second,
        value,
        scale: Scale::STARS,
        dimension: dimension.map(String::from),
    };
    let label =
        |judgement| Label { item: rows[0].id, judgement, annotator: "ana".into(), note: String::new() };
    let mut gathered = gather(&rows);
    assert_eq!(gathered.responses[2].rated.overall, Some(4.0));
    gathered.add_labels(&[label(compare), label(rate(None, 5.0)), label(rate(Some("style"), 2.0))]);
    assert_eq!(preferred(&gathered), [((0, 0, 1), Some(1))]);
    assert_eq!(gathered.responses[1].rated.overall, Some(1.0));
    assert_eq!(gathered.responses[1].rated.dimensions["style"], 0.25);
    assert_eq!(gathered.responses[2].rated, Rated::default(), "two scales are not mixed");
}

#[test]
fn ratings_decide_where_nobody_compared() {
    let mut gathered = gather(&[
        row("p", &[("a", ""), ("b", ""), ("c", "")], "{\"rating\":[1,3,3]}"),
        row("q", &[("a", "a"), ("b", "b")], "{\"winner\":\"tie\"}"),
        row("r", &[("a", "a"), ("b", "b")], "{\"winner\":\"the first\"}"),
    ]);
    gathered.prefer_by_ratings();
    assert_eq!(preferred(&gathered), [((0, 0, 1), Some(1)), ((0, 0, 2), Some(2)), ((1, 3, 4), None)]);
    assert_eq!(gathered.unread, 1);
}

#[test]
fn a_comparison_is_told_by_one_of_its_sides() {
    let row = row("p", &[("a", ""), ("b", "")], "");
    let mut gathered = Gathered::new(vec![]);
    for (at, other) in [(0, 1), (1, 0)] {
        let bout = Bout { against: row.responses[other], shown_first: 0.9, shown_second: 0.2 };
        let verdicts = vec![verdict(0.5, vec![bout])];
        gathered.add(&Answer { row: &row, at, verdicts, reward: Err("none".into()), confidence: None });
    }
    assert_eq!(gathered.bouts[&0].len(), 1);
}

#[test]
fn markdown_is_counted_by_its_marks() {
    assert_eq!(markdown_density("plain text - with a dash, 3.5 and #tag"), 0.0);
    assert_eq!(markdown_density("# Head\n- one\n1. two\n**bold** end"), 100.0 * 4.0 / 8.0);
    assert_eq!(markdown_density(""), 0.0);
}
