//! What a fit came to, as a person reads it.

use rewardctl_model::learn::report::{Figure, Preferences, Ratings, Report, Rival};

use crate::report::{counted, table};
use crate::show::printable;

/// Critics and people that are listed; the rest is in the JSON.
const LISTED: usize = 12;
/// Characters of a name that are shown.
const NAME_WIDTH: usize = 40;

/// Returns the report of a fit.
pub fn report(report: &Report) -> String {
    let mut parts = vec![format!(
        "{} and {} by {} on {} of {} ({})",
        counted(report.pairs as u64, "comparison"),
        counted(report.ratings as u64, "rating"),
        counted(report.annotators.len() as u64, "annotator"),
        report.labelled_prompts,
        counted(report.prompts as u64, "prompt"),
        counted(report.responses as u64, "response"),
    )];
    parts.extend(report.preferences.as_ref().map(preferences));
    parts.extend(report.rating_figures.as_ref().map(ratings));
    parts.push(weights(report));
    if report.annotators.len() > 1 {
        parts.push(annotators(report));
    }
    parts.extend(verdict(report));
    parts.extend(report.warnings.iter().map(|warning| format!("note: {warning}.")));
    parts.join("\n\n")
}

fn preferences(found: &Preferences) -> String {
    let ours = vec![
        "this fit".into(),
        mean(&found.accuracy),
        interval(&found.accuracy),
        mean(&found.log_loss),
        String::new(),
        String::new(),
    ];
    let rivals = found.rivals.iter().map(|rival| {
        vec![
            rival.name.clone(),
            mean(&rival.accuracy),
            interval(&rival.accuracy),
            mean(&rival.log_loss),
            signed(rival.lead.mean),
            rival
                .lead
                .interval
                .map_or(String::new(), |(low, high)| format!("{} to {}", signed(low), signed(high))),
        ]
    });
    let header =
        ["preferences", "accuracy", "95 % interval", "log loss", "lead of the fit", "95 % interval "];
    let ece = found.ece.map_or(String::new(), |ece| format!(", calibration error {ece:.3}"));
    format!(
        "Predicted by fits on other prompts: {}, {}{ece}.\n\n{}",
        counted(found.pairs as u64, "pair"),
        counted(found.ties as u64, "tie"),
        table(&header, std::iter::once(ours).chain(rivals).collect())
    )
}

fn ratings(found: &Ratings) -> String {
    let correlation = |value: Option<f64>| value.map_or("–".into(), |value| format!("{value:.3}"));
    let rows = vec![
        vec!["this fit".into(), format!("{:.3}", found.rmse), correlation(found.pearson)],
        vec![
            "annotator only".into(),
            format!("{:.3}", found.rmse_annotator_only),
            correlation(found.pearson_annotator_only),
        ],
        vec!["mean only".into(), format!("{:.3}", found.rmse_mean_only), "–".into()],
    ];
    format!(
        "Predicted by fits on other prompts: {}; errors are shares of the scale.\n\n{}",
        counted(found.count as u64, "rating"),
        table(&["ratings", "root mean square error", "Pearson"], rows)
    )
}

fn weights(report: &Report) -> String {
    let mut listed: Vec<_> = report.weights.iter().collect();
    listed.sort_by(|a, b| b.weight.abs().total_cmp(&a.weight.abs()));
    let more = listed.len().saturating_sub(LISTED);
    let row = |weight: &&rewardctl_model::learn::report::Weight| {
        vec![
            printable(&weight.feature, NAME_WIDTH),
            signed(weight.weight),
            format!("{:.2}", weight.deviation),
            weight.reliability.map_or(String::new(), |p| format!("{p:.2}")),
        ]
    };
    let rows = listed.iter().take(LISTED).map(row).collect();
    let mut text = table(&["feature", "weight", "±", "agreement alone"], rows);
    if more > 0 {
        text += &format!("\nand {more} more: `--json` has them");
    }
    text
}

fn annotators(report: &Report) -> String {
    let mut listed: Vec<_> = report.annotators.iter().collect();
    listed.sort_by_key(|annotator| std::cmp::Reverse(annotator.labels));
    let optional = |value: Option<f64>, show: fn(f64) -> String| value.map_or("–".into(), show);
    let row = |annotator: &&rewardctl_model::learn::report::Annotator| {
        vec![
            printable(&annotator.name, NAME_WIDTH),
            annotator.labels.to_string(),
            optional(annotator.flip_rate, |rate| format!("{:.0} %", rate * 100.0)),
            optional(annotator.leniency, signed),
        ]
    };
    let rows = listed.iter().take(LISTED).map(row).collect();
    table(&["annotator", "labels", "flipped", "leniency"], rows)
}

/// What the leads over all rivals are worth.
fn ahead(rivals: &[Rival]) -> String {
    let by_chance = |rival: &&Rival| rival.lead.interval.is_none_or(|(low, _)| low <= 0.0);
    let by_chance: Vec<&str> = rivals.iter().filter(by_chance).map(|rival| rival.name.as_str()).collect();
    match by_chance.as_slice() {
        [] => "Better than every simpler way to combine the critics, by more than chance.".into(),
        some => format!(
            "Ahead of every simpler way to combine the critics, though chance may explain the lead over: {}.",
            some.join(", ")
        ),
    }
}

fn verdict(report: &Report) -> Option<String> {
    let found = report.preferences.as_ref()?;
    let mut text = match report.not_better_than.as_slice() {
        [] => ahead(&found.rivals),
        rivals => format!("Not better than: {}.", rivals.join(", ")),
    };
    if let Some(free) = &report.free_signs_accuracy {
        let gain = free.mean - found.accuracy.mean;
        text += &format!(" With weights of any sign the accuracy is {} ({}).", mean(free), signed(gain));
    }
    if report.is_sure_by_any_sign {
        text += " These say how sure an order is; the order is the fit's.";
    }
    Some(text)
}

fn mean(figure: &Figure) -> String {
    format!("{:.3}", figure.mean)
}

fn interval(figure: &Figure) -> String {
    figure.interval.map_or(String::new(), |(low, high)| format!("{low:.3} – {high:.3}"))
}

fn signed(value: f64) -> String {
    format!("{value:+.3}")
}
