//! Arithmetic on rows that adds in one order, wherever a row stands in its batch.

use crate::aggregator::fixed;
use crate::graph::{Attribute, GraphBuilder};

/// Puts one table above another.
pub fn stack(builder: &mut GraphBuilder, [upper, lower]: [&str; 2], name: &str) {
    builder.node("Concat", &[upper, lower], &[name], &[("axis", Attribute::Int(0))]);
}

/// Writes the sum over each row of `a · b`.
pub fn sum_of_squares(builder: &mut GraphBuilder, [a, b]: [&str; 2], name: &str) {
    let products = format!("{name}_products");
    builder.node("Mul", &[a, b], &[&products], &[]);
    row_sum(builder, &products, name);
}

/// Writes the sum over each row.
pub fn row_sum(builder: &mut GraphBuilder, of: &str, name: &str) {
    builder.node("ReduceSum", &[of, "columns"], &[name], &[]);
}

/// Multiplies every row with a table: `[N, 1, K] · [J, K]`, element by element, summed over the last axis.
pub fn product(builder: &mut GraphBuilder, rows: &str, table: &str, name: &str) {
    let [deep, products] = ["deep", "products"].map(|part| format!("{name}_{part}"));
    builder.node("Unsqueeze", &[rows, "columns"], &[&deep], &[]);
    builder.node("Mul", &[&deep, table], &[&products], &[]);
    builder.node("ReduceSum", &[&products, "depth"], &[name], &[("keepdims", Attribute::Int(0))]);
}

/// Gives out `{name}_64` in 32 bits.
pub fn output(builder: &mut GraphBuilder, name: &str) {
    builder.node("Cast", &[&format!("{name}_64")], &[name], &fixed::TO_F32);
}
