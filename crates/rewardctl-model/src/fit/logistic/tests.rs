use ndarray::array;

use super::*;

fn rows() -> Array2<f64> {
    array![[1.0, 0.5], [-0.3, 1.2], [0.8, -0.7], [-1.1, 0.1], [0.4, 0.9]]
}

const TARGETS: [f64; 5] = [1.0, 0.75, 0.5, 1.0, 0.2];

fn close(found: f64, expected: f64) -> bool {
    (found - expected).abs() < 1e-6
}

/// Golden values: `golden.py` beside this file (scipy BFGS).
#[test]
fn agrees_with_scipy() {
    let (rows, ridge) = (rows(), array![0.5, 2.0]);
    let problem = Problem { rows: &rows, targets: &TARGETS, ridge: &ridge };
    let beta = problem.solve(Array1::zeros(2)).unwrap();
    assert!(close(beta[0], -0.188_675_744_3) && close(beta[1], 0.117_220_133_5), "{beta}");
    let hessian = problem.hessian(&beta);
    assert!(close(hessian[[0, 0]], 1.267_960_288) && close(hessian[[0, 1]], -0.039_966_664), "{hessian}");
}

#[test]
fn blocks_of_columns_make_the_whole_product() {
    let table = Array2::from_shape_fn((3, BLOCK + 5), |(i, j)| ((i * 7 + j * 3) % 11) as f64);
    assert_eq!(square(&table), table.t().dot(&table));
}

#[test]
fn fewer_rows_than_columns_take_the_other_way_to_the_same_place() {
    let rows = rows();
    let wide = rows.t().to_owned();
    let ridge = Array1::from_elem(5, 0.7);
    let few = Problem { rows: &wide, targets: &TARGETS[..2], ridge: &ridge };
    // Rows of zeros weigh nothing, but make the table taller than wide.
    let mut tall = Array2::zeros((6, 5));
    tall.slice_axis_mut(Axis(0), (..2).into()).assign(&wide);
    let many = Problem { rows: &tall, targets: &[1.0, 0.75, 0.5, 0.5, 0.5, 0.5], ridge: &ridge };
    let (few, many) = (few.solve(Array1::zeros(5)).unwrap(), many.solve(Array1::zeros(5)).unwrap());
    assert!((&few - &many).iter().all(|difference| difference.abs() < 1e-9), "{few} {many}");
}

#[test]
fn what_is_not_finite_is_refused() {
    let (rows, ridge) = (array![[f64::NAN, 1.0]], array![1.0, 1.0]);
    assert!(Problem { rows: &rows, targets: &[1.0], ridge: &ridge }.solve(Array1::zeros(2)).is_none());
}

#[test]
fn the_loss_neither_overflows_nor_vanishes() {
    assert_eq!(log_loss(1000.0, 0.0), 1000.0);
    assert_eq!(log_loss(-1000.0, 0.0), 0.0);
    assert!(close(log_loss(0.0, 0.5), 2f64.ln()));
}
