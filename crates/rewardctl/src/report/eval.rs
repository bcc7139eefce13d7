//! What `rewardctl eval` found, as tables for people.

use rewardctl_pipeline::measure::Figure;
use rewardctl_pipeline::measure::benchmark::BenchmarkReport;
use rewardctl_pipeline::measure::corrected::{CorrectedReport, Mean};
use rewardctl_pipeline::measure::pairs::PairsReport;
use rewardctl_pipeline::measure::probabilities::{Figures, ProbabilitiesReport};
use rewardctl_pipeline::measure::ranking::{ClusterBy, RankingReport};

use crate::report::{counted, table};
use crate::show::printable;

/// Characters of a name that a table shows.
const NAME: usize = 40;

/// What stands where there is no figure.
const NOTHING: &str = "–";

/// Returns the report of `eval probabilities`.
pub fn probabilities(report: &ProbabilitiesReport) -> String {
    let mut parts = vec![figures(&report.figures)];
    parts.push(reliability(report));
    parts.push(risks(report));
    if !report.slices.is_empty() {
        parts.push(slices(report));
    }
    let clusters = counted(report.clusters, "cluster");
    let mut note = format!(
        "{} in {clusters}; intervals are 95 % bootstrap intervals over clusters.",
        counted(report.rows, "row")
    );
    note += &left_out(&[("probability", report.without_probability), ("label", report.without_label)]);
    parts.push(note);
    parts.join("\n\n")
}

fn figures(figures: &Figures) -> String {
    let row = |name: &str, figure: Figure, best: &str, chance: Option<f64>| {
        vec![
            name.to_owned(),
            number(figure.value),
            interval(figure.interval),
            number(chance),
            best.to_owned(),
        ]
    };
    let plain = |value| Figure { value, interval: None };
    let share = figures.share;
    let rows = vec![
        row("ECE, 10 equal widths", figures.ece, "lower", figures.ece_by_chance),
        row("ECE, 10 equal masses", figures.ece_adaptive, "lower", None),
        row("ECE of the likelier answer", figures.ece_confidence, "lower", None),
        row("calibration error, RMS, debiased", plain(figures.ece_debiased), "lower", None),
        row("Brier score", figures.brier, "lower", share.map(|share| share * (1.0 - share))),
        row("log-loss", figures.log_loss, "lower", share.and_then(entropy)),
        row("AUROC", figures.auroc, "higher", Some(0.5)),
        row("AUPRC", figures.auprc, "higher", share),
        row("accuracy at 0.5", figures.accuracy, "higher", None),
        row("AURC", figures.aurc, "lower", figures.accuracy.value.map(|right| 1.0 - right)),
    ];
    let names = "without skill: ECE if every probability were true, Brier and log-loss of the mean label, AURC of a \
                 random order";
    format!("{}\n\n{names}", table(&["", "value", "95 % interval", "without skill", "better"], rows))
}

/// The log-loss of always saying the share.
fn entropy(share: f64) -> Option<f64> {
    (share > 0.0 && share < 1.0).then(|| -(share * share.ln() + (1.0 - share) * (1.0 - share).ln()))
}

fn reliability(report: &ProbabilitiesReport) -> String {
    let rows = report.reliability.iter().map(|bin| {
        vec![
            format!("{:.1} – {:.1}", bin.low, bin.high),
            bin.rows.to_string(),
            number(Some(bin.probability)),
            number(Some(bin.share)),
            interval(bin.interval),
        ]
    });
    table(&["probability", "rows", "said", "happened", "95 % interval"], rows.collect())
}

/// Shows the curve at each tenth of coverage.
fn risks(report: &ProbabilitiesReport) -> String {
    let at = |tenth: u32| {
        let coverage = f64::from(tenth) / 10.0;
        report.risk_coverage.iter().find(|point| point.coverage >= coverage - 1e-9)
    };
    let mut points: Vec<_> = (1..=10).filter_map(at).collect();
    points.dedup_by(|a, b| a.coverage == b.coverage);
    let rows = points.into_iter().map(|point| {
        vec![number(Some(point.coverage)), number(Some(point.risk)), number(Some(point.confidence))]
    });
    table(&["share kept", "share wrong", "confidence from"], rows.collect())
}

fn slices(report: &ProbabilitiesReport) -> String {
    let rows = report.slices.iter().map(|(name, figures)| {
        let with = |figure: Figure| match figure.interval {
            Some(bounds) => format!("{} [{}]", number(figure.value), interval(Some(bounds))),
            None => number(figure.value),
        };
        vec![
            printable(name, NAME),
            figures.rows.to_string(),
            with(figures.ece),
            number(figures.brier.value),
            number(figures.log_loss.value),
            number(figures.auroc.value),
            with(figures.accuracy),
        ]
    });
    table(&["slice", "rows", "ECE", "Brier", "log-loss", "AUROC", "accuracy"], rows.collect())
}

/// Returns the report of `eval ranking`.
pub fn ranking(report: &RankingReport) -> String {
    let rows = report.models.iter().map(|model| {
        vec![
            model.rank.to_string(),
            printable(&model.model, NAME),
            model.elo.value.map_or(NOTHING.into(), |elo| format!("{elo:.0}")),
            model.elo.interval.map_or(NOTHING.into(), |(low, high)| format!("{low:.0} – {high:.0}")),
            number(model.win_rate.value),
            interval(model.win_rate.interval),
            model.comparisons.to_string(),
        ]
    });
    let header = ["rank", "model", "Elo", "95 % interval", "win rate", "95 % interval", "comparisons"];
    let ranked = table(&header, rows.collect());
    let clusters = match report.cluster_by {
        ClusterBy::Group => counted(report.clusters, "group"),
        ClusterBy::Annotator => counted(report.clusters, "annotator"),
        ClusterBy::Row => counted(report.clusters, "row"),
    };
    let zero = match &report.anchor {
        Some(anchor) => format!("`{}`", printable(anchor, NAME)),
        None => "the mean of all models".into(),
    };
    let ridge = if report.ridge > 0.0 { format!(", ridge {}", report.ridge) } else { String::new() };
    let comparisons = counted(report.comparisons, "comparison");
    let ties = counted(report.ties, "tie");
    let mut note = format!(
        "Bradley-Terry from {comparisons} ({ties}, each half a win for both), {zero} at 1000{ridge}; intervals draw {clusters} anew."
    );
    note += &left_out(&[("winner", report.without_winner)]);
    format!("{ranked}\n\n{note}")
}

/// Returns the report of `eval benchmark`.
pub fn benchmark(report: &BenchmarkReport) -> String {
    let mut header = vec!["", "rows"];
    header.extend(&report.columns);
    let rows = report.parts.iter().map(|part| {
        let rows = if part.rows == 0 { NOTHING.into() } else { part.rows.to_string() };
        let indent = if part.name.starts_with("  ") { "  " } else { "" };
        let mut cells = vec![format!("{indent}{}", printable(&part.name, NAME)), rows];
        cells.extend(part.figures.iter().map(|figure| number(*figure)));
        cells
    });
    let scores = report.scores.iter().map(|(name, score)| vec![name.clone(), number(*score)]);
    let mut parts = vec![table(&header, rows.collect()), table(&["", "score"], scores.collect())];
    parts.push(format!("Ties: {}.", report.tie_rule));
    parts.extend(report.notes.iter().map(|note| format!("Note: {}.", printable(note, 400))));
    parts.join("\n\n")
}

/// Returns the report of `eval correct`.
pub fn corrected(report: &CorrectedReport) -> String {
    let row = |name: &str, mean: Option<Mean>| {
        vec![
            name.to_owned(),
            number(mean.map(|mean| mean.mean)),
            interval(mean.and_then(|mean| mean.interval)),
            number(mean.and_then(|mean| mean.error)),
        ]
    };
    let rows = vec![
        row("judge alone (naive)", report.judge_alone),
        row("people alone", report.people_alone),
        row("prediction-powered (PPI)", report.ppi),
        row("prediction-powered, tuned (PPI++)", report.ppi_tuned),
        row("Rogan-Gladen", report.rogan_gladen),
    ];
    let mut parts = vec![table(&["", "mean", "95 % interval", "error"], rows)];
    let mut note = format!("{}, of which people checked {}.", counted(report.rows, "row"), report.checked);
    if let (Some(sensitivity), Some(specificity)) = (report.sensitivity, report.specificity) {
        note += &format!(" The judge's sensitivity is {sensitivity:.3}, its specificity {specificity:.3}.");
    }
    if let Some(lambda) = report.lambda {
        note += &format!(" PPI++ trusts it to {lambda:.2}.");
    }
    note += &left_out(&[("verdict of the judge", report.without_verdict)]);
    parts.push(note);
    if report.ppi.is_none() {
        let why = if report.checked == 0 { "people checked none" } else { "people checked every row" };
        parts.push(format!("No prediction-powered mean: {why}."));
    }
    if let Some(reason) = &report.rogan_gladen_reason {
        parts.push(format!("No Rogan-Gladen rate: {reason}."));
    }
    parts.push("The corrections hold if the rows that people checked are a random part of all.".into());
    parts.join("\n\n")
}

/// Returns the report of `eval pairs`.
pub fn pairs(report: &PairsReport) -> String {
    let rows = vec![
        vec!["strict".to_owned(), number(report.strict), "ties of scores are wrong".into()],
        vec!["tie-half".to_owned(), number(report.tie_half), "ties of scores are half right".into()],
        vec!["equal".to_owned(), number(report.equal), "a tie is an answer; equal scores say it".into()],
        vec!["equal, tuned".to_owned(), number(report.equal_tuned), tuned(report)],
    ];
    let cell = |label: &str, score: &str| {
        report.confusion.get(&format!("{label}/{score}")).copied().unwrap_or(0).to_string()
    };
    let line = |(label, name): (&str, &str)| {
        vec![name.to_owned(), cell(label, "a"), cell(label, "b"), cell(label, "tie")]
    };
    let people = [("a", "people prefer a"), ("b", "people prefer b"), ("tie", "people see a tie")];
    let confusion = table(&["", "score a higher", "score b higher", "equal"], people.map(line).into());
    let mut note = format!("{}.", counted(report.pairs, "pair"));
    note += &left_out(&[("score or label", report.left_out)]);
    format!("{}\n\n{confusion}\n\n{note}", table(&["rule", "accuracy", ""], rows))
}

fn tuned(report: &PairsReport) -> String {
    match report.epsilon {
        Some([first, second]) => {
            format!("scores at most {first} or {second} apart say a tie, each tuned on the other half")
        }
        None => "too few pairs to tune on".into(),
    }
}

/// Says what takes part in no figure; nothing where all does.
fn left_out(counts: &[(&str, usize)]) -> String {
    let some = counts.iter().filter(|(_, count)| *count > 0);
    let parts: Vec<String> =
        some.map(|(what, count)| format!("{} without {what}", counted(*count, "row"))).collect();
    if parts.is_empty() { String::new() } else { format!(" Left out: {}.", parts.join(", ")) }
}

fn number(value: Option<f64>) -> String {
    value.map_or(NOTHING.into(), |value| {
        let text = format!("{value:.3}");
        if text == "-0.000" { "0.000".into() } else { text }
    })
}

fn interval(bounds: Option<(f64, f64)>) -> String {
    bounds.map_or(NOTHING.into(), |(low, high)| format!("{} – {}", number(Some(low)), number(Some(high))))
}
