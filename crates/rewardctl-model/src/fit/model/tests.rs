use super::*;
use crate::fit::head::{Design, Ridges};
use crate::fit::logistic::sigmoid;
use crate::fit::testing::{corpus, planted};
use crate::onnx::{Graph, Tensor};
use crate::testing::runtime;

fn fitted(corpus: &Corpus<'_>) -> Model {
    let rows: Vec<&Row<'_>> = corpus.rows.iter().collect();
    let space = Space::measure(corpus, &rows);
    let centre = centre(corpus, &space, &rows);
    let design = Design::new(corpus, &space, &rows);
    let scored = |embeddings: f64, temperature: f64| {
        let head = design.fit(Ridges { embeddings, ..Ridges::START }, None).unwrap();
        let posterior = design.posterior(&head).unwrap();
        let utility = |row, side| (space.features(corpus, row, side) - &centre).dot(&head.weights);
        let pool = pool(rows.iter().map(|row| utility(row, &row.first)).collect());
        Scored { dimension: format!("ridge {embeddings}"), head, posterior, temperature, pool }
    };
    let heads = vec![scored(10.0, 0.5), scored(300.0, 1.5)];
    Model { space, centre, heads }
}

/// Returns utility, score and variance, computed in double precision.
fn judge(scored: &Scored, features: &Array1<f64>) -> [f64; 3] {
    let utility = features.dot(&scored.head.weights);
    let chances = scored.pool.map(|other| sigmoid((utility - other) / scored.temperature));
    let score = chances.iter().sum::<f64>() / POOL as f64;
    let slope = chances.iter().map(|p| p * (1.0 - p)).sum::<f64>() / POOL as f64 / scored.temperature;
    let known = features.dot(&scored.posterior.factor);
    let of_utility = (features * features).dot(&scored.posterior.prior) - known.dot(&known);
    [utility, score, (of_utility * slope * slope).min(0.25)]
}

#[test]
fn the_graph_says_what_the_fit_says() {
    let Some(runtime) = runtime() else { return };
    let examples = planted(90);
    let corpus = corpus(&examples);
    let model = fitted(&corpus);
    let mut graph = Graph::from_bytes(&runtime, "heads", &model.onnx()).unwrap();
    graph.require(&signature(2)).unwrap();
    let rows = &corpus.rows[..20];
    let count = rows.len() as i64;
    let gather = |of: fn(&Row<'_>) -> usize| -> Vec<f32> {
        rows.iter().flat_map(|row| corpus.embedding(of(row)).to_vec()).collect()
    };
    let (prompts, responses) = (gather(|row| row.prompt), gather(|row| row.first.embedding));
    let surface: Vec<f32> = rows.iter().flat_map(|row| row.first.surface).collect();
    let (wide, narrow) = ([count, EMBEDDING as i64], [count, SURFACE as i64]);
    let inputs = [
        ("prompt_embedding", Tensor::F32 { dims: &wide, data: &prompts }),
        ("response_embedding", Tensor::F32 { dims: &wide, data: &responses }),
        ("surface", Tensor::F32 { dims: &narrow, data: &surface }),
    ];
    let given = [count, 2];
    let outputs = ["utility", "score", "variance"].map(|name| (name, given.as_slice()));
    let found = graph.run(&inputs, outputs).unwrap();
    for (at, row) in rows.iter().enumerate() {
        let features = model.space.features(&corpus, row, &row.first) - &model.centre;
        for (head, scored) in model.heads.iter().enumerate() {
            let expected = judge(scored, &features);
            for (output, expected) in found.iter().zip(expected) {
                let got = f64::from(output[2 * at + head]);
                assert!((got - expected).abs() < 1e-5, "row {at}, head {head}: {got} {expected}");
            }
        }
    }
}

#[test]
fn the_pool_is_spread_evenly() {
    let found = pool((0..330).rev().map(f64::from).collect());
    assert_eq!((found[0], found[16], found[32]), (5.0, 165.0, 325.0));
    assert_eq!(pool(vec![]), [0.0; POOL]);
    assert_eq!(pool(vec![2.0]), [2.0; POOL]);
}
