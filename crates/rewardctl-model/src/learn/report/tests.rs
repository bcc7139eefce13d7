use rewardctl_core::stream::Stream;

use super::*;

/// How far each response to a prompt of its own lies from its score: whoever is wrong about it is so in all of its pairs.
fn errors(count: usize, seed: u64) -> Vec<(f64, f64)> {
    let mut stream = Stream::new(seed);
    (0..count).map(|_| (stream.normal(), 0.7 * stream.normal())).collect()
}

/// Each response beside the next five, as ratings of one person are compared.
fn pairs(responses: &[(f64, f64)]) -> Vec<([usize; 2], Option<f64>)> {
    let pair = |a: usize, b: usize| {
        let ((rated, off), (other, other_off)) = (responses[a], responses[b]);
        ([a, b], Some(hit(rated + off - other - other_off, f64::from(u8::from(rated > other)))))
    };
    let count = responses.len();
    (0..count).flat_map(|a| (a + 1..(a + 6).min(count)).map(move |b| pair(a, b))).collect()
}

fn figure(responses: &[(f64, f64)], seed: u64) -> Figure {
    let (groups, hits): (Vec<_>, Vec<_>) = pairs(responses).into_iter().unzip();
    Groups::new(groups.into_iter()).figure(&hits, seed)
}

#[test]
fn intervals_of_pairs_across_prompts_hold_the_figure_as_often_as_they_say() {
    let (_, hits): (Vec<_>, Vec<_>) = pairs(&errors(40_000, 1)).into_iter().unzip();
    let truth = hits.iter().flatten().sum::<f64>() / hits.len() as f64;
    let holds = |seed: &u64| {
        let (low, high) = figure(&errors(60, 1000 + seed), *seed).interval.unwrap();
        (low..=high).contains(&truth)
    };
    let held = (0..200).filter(holds).count();
    // 190 of 200, less three standard errors.
    assert!(held >= 181, "{held}");
}

#[test]
fn a_pair_within_a_prompt_is_drawn_with_it() {
    let one = |values: &[f64]| {
        let groups = (0..values.len()).map(|at| [at, at]);
        Groups::new(groups).figure(&values.iter().copied().map(Some).collect::<Vec<_>>(), 3)
    };
    let found = one(&[0.0, 1.0, 1.0, 0.0, 1.0, 1.0]);
    let values = [0.0, 1.0, 1.0, 0.0, 1.0, 1.0];
    assert_eq!(found.interval, bootstrap::mean_interval(&values, 3));
}
