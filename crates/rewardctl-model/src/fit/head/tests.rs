use super::*;
use crate::fit::testing::{corpus, planted};

/// With fewer rows than [`RANK`] nothing is left out, so the kept directions must give the exact variance.
#[test]
fn the_posterior_is_exact_where_the_rank_suffices_and_never_too_small() {
    let examples = planted(50);
    let corpus = corpus(&examples);
    let rows: Vec<&Row<'_>> = corpus.rows.iter().collect();
    let space = Space::measure(&corpus, &rows);
    let design = Design::new(&corpus, &space, &rows);
    let head = design.fit(Ridges::START, None).unwrap();
    let posterior = design.posterior(&head).unwrap();
    let direction = space.regressors(&corpus, rows[2]);
    let prior = (&direction * &direction).dot(&posterior.prior);
    let known = direction.dot(&posterior.factor);
    let found = prior - known.dot(&known);
    let exact = exact_variance(&design, &head, &direction);
    assert!(exact < prior && exact > 0.0, "{exact} {prior}");
    assert!((found - exact).abs() < 1e-6 * exact, "{found} {exact}");
}

/// `dᵀ(Λ + XᵀX)⁻¹d` by Woodbury, without the constants of sources, which the posterior leaves out too.
fn exact_variance(design: &Design, head: &Head, direction: &Array1<f64>) -> f64 {
    let ridge = design.ridge(head.ridges);
    let coefficients = head.coefficients();
    let mut scaled = design.rows.clone();
    for (mut row, margin) in scaled.rows_mut().into_iter().zip(&design.rows.dot(&coefficients)) {
        let p = crate::fit::logistic::sigmoid(*margin);
        row *= (p * (1.0 - p)).sqrt();
    }
    let scaled = scaled.slice_axis(Axis(1), OF_FEATURES).to_owned();
    let ridge = ridge.slice_axis(Axis(0), OF_FEATURES).to_owned();
    let mut inner = scaled.dot(&(&scaled / &ridge).t());
    inner.diag_mut().mapv_inplace(|value| value + 1.0);
    let seen = scaled.dot(&(direction / &ridge));
    (direction * &(direction / &ridge)).sum() - seen.dot(&Cholesky::of(&inner).unwrap().solve(&seen))
}

#[test]
fn the_middle_of_the_choices() {
    let of = |embeddings, crossed| Ridges { embeddings, crossed, ..Ridges::START };
    let found = Ridges::middle(&[of(1.0, 9.0), of(3.0, 7.0), of(2.0, 8.0)]);
    assert_eq!((found.embeddings, found.crossed), (2.0, 8.0));
    assert_eq!(Ridges::middle(&[]), Ridges::START);
}
