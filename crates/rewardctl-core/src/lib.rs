//! Domain types and every decision of rewardctl.
//!
//! Pure: no files, network, clock, environment or threads. Time and seeds come in as arguments, so whatever
//! this crate decides can be decided again, byte for byte.
//!
//! The modules follow the data: an [`item`] has responses, critics give each a [`verdict`] holding a [`score`],
//! a [`panel`] says what each verdict weighs, a [`reward`] with its uncertainty comes out, a [`route`] sends it
//! to people or not, their [`label`]s outrank the models, and [`pair`]s and whole [`dataset`]s are built from both. How
//! far any of them can be
//! trusted is measured with [`interval`], [`proportion`], [`rank`], [`bootstrap`], [`independence`], [`agreement`] and
//! [`calibration`]; [`consensus`] makes one label of many people's, [`pair_accuracy`] counts ties in the stated way,
//! [`correction`] takes a judge's errors out, [`mod@benchmark`] scores public benchmarks, and [`bradley_terry`] ranks
//! models. What may be accepted without a person follows from [`guarantee`] and is watched by [`drift`]; [`acquire`] says
//! what people label next, and [`mod@review`] how they do it. What is new is compared with what was in [`mean_test`],
//! [`non_inferiority`] and [`betting`], many comparisons at once are kept honest by [`multiplicity`], and [`mod@gate`] rules
//! on all of them.

pub mod acquire;
pub mod agreement;
pub mod benchmark;
pub mod betting;
pub mod bootstrap;
pub mod bradley_terry;
pub mod calibration;
pub mod clopper_pearson;
pub mod conformal;
pub mod consensus;
pub mod correction;
pub mod cuped;
pub mod dataset;
pub mod disjoint_sets;
pub mod drift;
pub mod gate;
pub mod guarantee;
pub mod hidden;
pub mod id;
pub mod independence;
pub mod interval;
pub mod item;
pub mod label;
pub mod learning_curve;
pub mod length_control;
pub mod mcnemar;
pub mod mean_test;
pub mod moments;
pub mod multiplicity;
pub mod non_inferiority;
pub mod normal;
pub mod pair;
pub mod pair_accuracy;
pub mod panel;
pub mod power;
pub mod proportion;
pub mod random;
pub mod rank;
pub mod replay;
pub mod review;
pub mod reward;
pub mod route;
pub mod sample_ratio;
pub mod score;
pub mod selective;
pub mod stream;
pub mod two_proportions;
pub mod verdict;
pub mod votes;
pub mod welch;
pub mod wilcoxon;
pub mod within;
pub mod worlds;
