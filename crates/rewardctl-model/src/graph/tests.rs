use super::*;
use crate::onnx::{Graph, Tensor};
use crate::testing;

/// Transposes `x`, adds an integer's float, and sums the rows.
fn example() -> Vec<u8> {
    let mut builder = GraphBuilder::new("example");
    builder.metadata("fitted_on", "nothing");
    builder.input(&Port::f32("x", &[Some(2), Some(3)]));
    builder.input(&Port::i64("count", &[]));
    builder.ints("axes", &[1], &[1]);
    builder.floats("one", &[], &[1.0]);
    builder.node("Transpose", &["x"], &["columns"], &[("perm", Attribute::Ints(&[1, 0]))]);
    builder.node("Cast", &["count"], &["number"], &[("to", Attribute::Int(1))]);
    builder.node("Add", &["number", "one"], &["more"], &[]);
    builder.node("Add", &["columns", "more"], &["raised"], &[]);
    builder.node("LeakyRelu", &["raised"], &["bent"], &[("alpha", Attribute::Float(0.5))]);
    builder.node("ReduceSum", &["bent", "axes"], &["sum"], &[("keepdims", Attribute::Int(0))]);
    builder.output(&Port::f32("sum", &[Some(3)]));
    builder.finish()
}

#[test]
fn onnx_runtime_reads_what_is_written() {
    let Some(runtime) = testing::runtime() else { return };
    let mut graph = Graph::from_bytes(&runtime, "example", &example()).unwrap();
    let x = Tensor::F32 { dims: &[2, 3], data: &[1.0, 2.0, -10.0, 4.0, 5.0, 6.0] };
    let count = Tensor::I64 { dims: &[], data: &[9] };
    let [sum] = graph.run(&[("x", x), ("count", count)], [("sum", &[3])]).unwrap();
    assert_eq!(sum, [25.0, 27.0, 16.0]);
}

#[test]
fn the_same_calls_give_the_same_bytes() {
    assert_eq!(example(), example());
}
