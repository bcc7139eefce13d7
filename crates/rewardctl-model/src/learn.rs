//! Fits the aggregator to what people said: which combination of the critics their labels support, and how sure it is.
//!
//! One linear model carries everything: [`space`] turns verdicts into standardised features, [`prior`] says what is
//! believed before any label, [`objective`] and [`newton`] fit pairs and ratings together, [`evidence`] chooses how
//! far the labels may move the prior, [`fit`] puts these in order, [`cross`] measures the result on prompts that it
//! never saw, and [`model`] is what remains: numbers that become an ONNX graph.

pub mod cross;
pub mod evidence;
pub mod fit;
pub mod flips;
pub mod labels;
pub mod model;
pub mod newton;
pub mod objective;
pub mod prior;
pub mod report;
pub mod rows;
pub mod space;
pub mod style;
pub mod temperature;
