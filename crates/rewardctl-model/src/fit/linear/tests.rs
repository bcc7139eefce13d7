use ndarray::array;
use proptest::prelude::*;

use super::*;

#[test]
fn solves_and_refuses() {
    let matrix = array![[4.0, 2.0, 0.6], [2.0, 5.0, 1.0], [0.6, 1.0, 3.0]];
    let x = array![1.0, -2.0, 0.5];
    let found = Cholesky::of(&matrix).unwrap().solve(&matrix.dot(&x));
    assert!((&found - &x).iter().all(|difference| difference.abs() < 1e-12), "{found}");
    assert!(Cholesky::of(&array![[1.0, 2.0], [2.0, 1.0]]).is_none());
    assert!(Cholesky::of(&array![[f64::NAN]]).is_none());
}

#[test]
fn finds_the_longest_directions() {
    // Eigenvalues 9, 4 and 1 along axes that are turned.
    let axes = array![[0.6, -0.8, 0.0], [0.8, 0.6, 0.0], [0.0, 0.0, 1.0]];
    let matrix = axes.dot(&Array2::from_diag(&array![9.0, 4.0, 1.0])).dot(&axes.t());
    let found = top_directions(&matrix, 2);
    assert!(
        (found.values[0] - 9.0).abs() < 1e-9 && (found.values[1] - 4.0).abs() < 1e-9,
        "{:?}",
        found.values
    );
    let overlap = found.axes.column(0).dot(&axes.column(0)).abs();
    assert!((overlap - 1.0).abs() < 1e-9, "{overlap}");
}

#[test]
fn directions_beyond_the_rank_vanish() {
    let found = top_directions(&Array2::from_diag(&array![3.0, 0.0, 0.0]), 3);
    assert!((found.values[0] - 3.0).abs() < 1e-12);
    assert!(found.values[1..].iter().all(|value| value.abs() < 1e-12), "{:?}", found.values);
}

proptest! {
    #[test]
    fn a_solution_solves(numbers in prop::collection::vec(-1.0f64..1.0, 12 * 9), b in prop::collection::vec(-1.0f64..1.0, 9)) {
        let table = Array2::from_shape_vec((12, 9), numbers).unwrap();
        let matrix = table.t().dot(&table) + Array2::<f64>::eye(9);
        let b = Array1::from(b);
        let back = matrix.dot(&Cholesky::of(&matrix).unwrap().solve(&b));
        prop_assert!((&back - &b).iter().all(|difference| difference.abs() < 1e-9));
    }
}
