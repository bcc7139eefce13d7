use super::*;

#[test]
fn words_that_win_are_learnt() {
    let responses: Vec<(String, String)> =
        (0..30).map(|n| (format!("thank you for number {n}"), format!("go away with number {n}"))).collect();
    let rows: Vec<TextRow<'_>> = responses
        .iter()
        .map(|(kind, rude)| TextRow { first: kind, second: Some(rude), target: 1.0 })
        .collect();
    let read = TfIdf::read(&rows);
    let weights = read.fit(1.0);
    let score = |text| read.score(&weights, text);
    assert!(score("thank you kindly") > 0.1);
    assert!(score("please go away") < -0.1);
    assert_eq!(score("zebra"), 0.0);
    assert_eq!(TfIdf::read(&[]).score(&TfIdf::read(&[]).fit(1.0), "thank you"), 0.0);
}

#[test]
fn ratings_and_pairs_agree() {
    let rows: Vec<TextRow<'_>> = (0..20)
        .map(|n| {
            let (first, target) = if n % 2 == 0 { ("good good thing", 0.9) } else { ("bad bad thing", 0.1) };
            TextRow { first, second: None, target }
        })
        .collect();
    let many: Vec<TextRow<'_>> = rows
        .iter()
        .copied()
        .chain([
            TextRow { first: "good one", second: Some("bad one"), target: 1.0 },
            TextRow { first: "good two", second: Some("bad two"), target: 1.0 },
            TextRow { first: "good three", second: Some("bad three"), target: 1.0 },
        ])
        .collect();
    let read = TfIdf::read(&many);
    let weights = read.fit(0.1);
    assert!(read.score(&weights, "good") > read.score(&weights, "bad"));
}

#[test]
fn terms_are_words_and_neighbours() {
    assert_eq!(terms("The CAT, a cat"), ["the", "cat", "cat", "the cat", "cat cat"]);
}
