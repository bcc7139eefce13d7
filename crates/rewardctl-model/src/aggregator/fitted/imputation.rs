//! Scores that are missing, imputed within the graph, and what every score weighs with that.

use super::{Columns, MORE_STEPS, TO_F64, output, product, row_sum, stack, sum_of_squares};
use crate::graph::{Attribute, GraphBuilder};

/// Writes `seen`, the mask as 0 and 1, `unseen`, and `known`: standardised scores, 0 where there is none.
pub fn write_scores(builder: &mut GraphBuilder, columns: &Columns, slots: usize) {
    builder.node("Cast", &["score"], &["score_64"], &TO_F64);
    builder.node("Cast", &["variance"], &["variance_64"], &TO_F64);
    builder.ints("padding", &[4], &[0, 0, 0, (columns.critics - slots) as i64]);
    builder.node("Where", &["present", "one_64", "zero_64"], &["seen_unpadded"], &[]);
    builder.node("Sub", &["one_64", "seen_unpadded"], &["unseen_unpadded"], &[]);
    builder.node("Where", &["present", "variance_64", "zero_64"], &["variance_unpadded"], &[]);
    builder.node("Where", &["present", "score_64", "critic_mean"], &["score_or_mean"], &[]);
    builder.node("Sub", &["score_or_mean", "critic_mean"], &["score_centred"], &[]);
    builder.node("Mul", &["score_centred", "critic_unit"], &["known_unpadded"], &[]);
    for name in ["seen", "unseen", "variance", "known"] {
        let padded = if name == "variance" { "variance_seen" } else { name };
        builder.node("Pad", &[&format!("{name}_unpadded"), "padding"], &[padded], &[]);
    }
}

/// Solves `(MΣM + I − M) z = b` for three right sides, stacked: the known scores, what the weights explain, and what the
/// expected weights do.
pub fn write_gradients(builder: &mut GraphBuilder, critics: usize) {
    builder.node("Mul", &["seen", "explained"], &["explained_seen"], &[]);
    builder.node("Mul", &["seen", "expected"], &["expected_seen"], &[]);
    stack(builder, ["known", "explained_seen", "expected_seen"], "b");
    stack(builder, ["seen"; 3], "m");
    stack(builder, ["unseen"; 3], "i");
    builder.node("Mul", &["b", "zero_64"], &["z_0"], &[]);
    builder.node("Identity", &["b"], &["r_0"], &[]);
    builder.node("Identity", &["b"], &["p_0"], &[]);
    sum_of_squares(builder, ["r_0", "r_0"], "rr_0");
    for step in 0..critics + MORE_STEPS {
        write_step(builder, step);
    }
    let last = format!("z_{}", critics + MORE_STEPS);
    builder.node("Split", &[&last], &["z_scores", "z_weights", "z_expected"], &[("axis", Attribute::Int(0))]);
}

fn write_step(builder: &mut GraphBuilder, step: usize) {
    let now = |name: &str| format!("{name}_{step}");
    let next = |name: &str| format!("{name}_{}", step + 1);
    builder.node("Mul", &["m", &now("p")], &[&now("mp")], &[]);
    product(builder, &now("mp"), "moments", &now("smp"));
    builder.node("Mul", &["m", &now("smp")], &[&now("msmp")], &[]);
    builder.node("Mul", &["i", &now("p")], &[&now("ip")], &[]);
    builder.node("Add", &[&now("msmp"), &now("ip")], &[&now("ap")], &[]);
    sum_of_squares(builder, [&now("p"), &now("ap")], &now("pap"));
    builder.node("Add", &[&now("pap"), "tiny"], &[&now("pap_safe")], &[]);
    builder.node("Div", &[&now("rr"), &now("pap_safe")], &[&now("alpha")], &[]);
    builder.node("Mul", &[&now("alpha"), &now("p")], &[&now("dz")], &[]);
    builder.node("Add", &[&now("z"), &now("dz")], &[&next("z")], &[]);
    builder.node("Mul", &[&now("alpha"), &now("ap")], &[&now("dr")], &[]);
    builder.node("Sub", &[&now("r"), &now("dr")], &[&next("r")], &[]);
    sum_of_squares(builder, [&next("r"), &next("r")], &next("rr"));
    builder.node("Add", &[&now("rr"), "tiny"], &[&now("rr_safe")], &[]);
    builder.node("Div", &[&next("rr"), &now("rr_safe")], &[&now("beta")], &[]);
    builder.node("Mul", &[&now("beta"), &now("p")], &[&now("bp")], &[]);
    builder.node("Add", &[&next("r"), &now("bp")], &[&next("p")], &[]);
}

/// Writes `imputed`, the features of all critics; `sensitivity`, what a small change of each score changes in the
/// utility; and the two variances of the response itself.
pub fn write_imputation(builder: &mut GraphBuilder) {
    builder.node("Mul", &["seen", "z_scores"], &["z_seen"], &[]);
    product(builder, "z_seen", "moments", "regressed");
    builder.node("Mul", &["unseen", "regressed"], &["filled"], &[]);
    builder.node("Add", &["known", "filled"], &["imputed"], &[]);
    builder.node("Mul", &["seen", "z_expected"], &["expected_effective"], &[]);
    sum_of_squares(builder, ["expected_effective", "expected_seen"], "known_variance");
    builder.node("Sub", &["prior_variance", "known_variance"], &["left_variance"], &[]);
    builder.node("Max", &["left_variance", "zero_64"], &["left_variance_or_zero"], &[]);
    // With every critic there nothing is imputed, and rounding must not say otherwise.
    row_sum(builder, "unseen", "unseen_count");
    builder.node("Greater", &["unseen_count", "half_64"], &["is_imputed"], &[]);
    builder.node("Where", &["is_imputed", "left_variance_or_zero", "zero_64"], &["imputed_variance_64"], &[]);
    output(builder, "imputed_variance");
    builder.node("Mul", &["seen", "z_weights"], &["effective"], &[]);
    builder.node("Mul", &["effective", "critic_scale"], &["sensitivity_own"], &[]);
    builder.node("Add", &["sensitivity_own", "sensitivity_of_fixed"], &["sensitivity"], &[]);
    builder.node("Mul", &["sensitivity", "sensitivity"], &["sensitivity_squared"], &[]);
    sum_of_squares(builder, ["sensitivity_squared", "variance_seen"], "critic_variance_64");
    output(builder, "critic_variance");
}
