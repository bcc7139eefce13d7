//! What a comparison came to, for people.

use rewardctl_pipeline::comparison::report::{ArmReport, CompareReport, DuelReport};
use rewardctl_pipeline::experiment::report::{Contrast, ExperimentReport, MetricReport};
use rewardctl_pipeline::measure::Figure;

use crate::report::gate::markdown::{cell, sentence};
use crate::report::{counted, p_value, table};
use crate::show::printable;

/// Characters of a name that is shown.
const WIDTH: usize = 40;

/// A table with its title.
struct Shown {
    title: String,
    header: Vec<&'static str>,
    rows: Vec<Vec<String>>,
    below: String,
}

/// Returns the tables and the advice.
pub fn report(report: &CompareReport, with_plan: bool) -> String {
    plain(&shown(report, with_plan), &report.advice)
}

/// Returns the same as Markdown.
pub fn markdown(report: &CompareReport, with_plan: bool) -> String {
    marked("rewardctl compare", &shown(report, with_plan), &report.advice)
}

/// Returns an experiment's tables and the advice.
pub fn experiment(report: &ExperimentReport) -> String {
    plain(&experiment_shown(report), &report.advice)
}

/// Returns the same as Markdown.
pub fn experiment_markdown(report: &ExperimentReport) -> String {
    marked("rewardctl compare --ab", &experiment_shown(report), &report.advice)
}

fn plain(shown: &[Shown], advice: &[String]) -> String {
    let mut parts = vec![];
    for one in shown {
        let title = if one.title.is_empty() {
            String::new()
        } else {
            format!("{}\n", printable(&one.title, 3 * WIDTH))
        };
        let below = if one.below.is_empty() {
            String::new()
        } else {
            format!("\n{}", printable(&one.below, 12 * WIDTH))
        };
        parts.push(format!("{title}{}{below}", table(&one.header, one.rows.clone())));
    }
    parts.extend(advice.iter().map(|said| printable(said, 20 * WIDTH)));
    parts.join("\n\n")
}

fn marked(title: &str, shown: &[Shown], advice: &[String]) -> String {
    let mut lines = vec![format!("### {title}")];
    for one in shown {
        lines.push(String::new());
        if !one.title.is_empty() {
            lines.extend([format!("**{}**", cell(&one.title)), String::new()]);
        }
        lines.push(format!("| {} |", one.header.join(" | ")));
        lines.push(format!("|{}", "---|".repeat(one.header.len())));
        for row in &one.rows {
            lines.push(format!("| {} |", row.iter().map(|text| cell(text)).collect::<Vec<_>>().join(" | ")));
        }
        if !one.below.is_empty() {
            lines.extend([String::new(), cell(&one.below)]);
        }
    }
    lines.push(String::new());
    lines.extend(advice.iter().map(|said| format!("- {}", sentence(said))));
    lines.join("\n") + "\n"
}

fn shown(report: &CompareReport, with_plan: bool) -> Vec<Shown> {
    let what = report.dimension.as_deref().unwrap_or("reward");
    let mut shown = vec![Shown {
        title: String::new(),
        header: vec!["side", "prompts", "responses", "without score", "mean", "interval", "characters"],
        rows: report.arms.iter().map(arm).collect(),
        below: format!("The mean {what} over prompts."),
    }];
    shown.push(duels("", &report.duels));
    shown.extend(report.slices.iter().map(|slice| duels(&slice.slice, &slice.duels)));
    if report.duels.iter().any(|duel| duel.always.is_some()) {
        shown.push(always(report));
    }
    if with_plan {
        shown.extend(report.duels.iter().map(plan));
    }
    if let Some(ranked) = &report.ranking {
        let row = |model: &rewardctl_pipeline::measure::ranking::ModelRow| {
            let points = |value: f64| format!("{value:.0}");
            vec![
                model.rank.to_string(),
                printable(&model.model, WIDTH),
                model.elo.value.map_or("–".into(), points),
                model.elo.interval.map_or("–".into(), |(low, high)| format!("{low:.0} to {high:.0}")),
                percent(model.win_rate.value),
            ]
        };
        shown.push(Shown {
            title: "Bradley-Terry ranking".into(),
            header: vec!["rank", "side", "Elo", "95 % interval", "wins"],
            rows: ranked.models.iter().map(row).collect(),
            below: ranked.note.clone().unwrap_or_default(),
        });
    }
    shown
}

fn arm(arm: &ArmReport) -> Vec<String> {
    vec![
        printable(&arm.name, WIDTH),
        arm.prompts.to_string(),
        arm.responses.to_string(),
        arm.missing.to_string(),
        arm.mean.value.map_or("–".into(), |mean| format!("{mean:.3}")),
        interval(arm.mean, |value| format!("{value:.3}")),
        arm.length.map_or("–".into(), |length| format!("{length:.0}")),
    ]
}

fn duels(slice: &str, duels: &[DuelReport]) -> Shown {
    let row = |duel: &DuelReport| {
        let controlled = duel.length_controlled;
        vec![
            format!("{} over {}", printable(&duel.second, WIDTH), printable(&duel.first, WIDTH)),
            duel.prompts.to_string(),
            format!("{} / {} / {}", duel.missing, duel.only_first, duel.only_second),
            format!("{} / {} / {}", duel.wins, duel.ties, duel.losses),
            percent(duel.win_rate.value),
            interval(duel.win_rate, |value| format!("{:.1}", value * 100.0)),
            percent(controlled.map(|controlled| controlled.rate)),
            duel.difference.value.map_or("–".into(), |difference| format!("{difference:+.3}")),
            interval(duel.difference, |value| format!("{value:+.3}")),
            p_value(duel.p_adjusted),
            p_value(duel.wilcoxon.map(|test| test.p)),
        ]
    };
    Shown {
        title: slice.into(),
        header: vec![
            "",
            "prompts",
            "left out",
            "won / tied / lost",
            "win rate",
            "interval",
            "at equal length",
            "difference",
            "interval",
            "p",
            "Wilcoxon",
        ],
        rows: duels.iter().map(row).collect(),
        below: LEFT_OUT.into(),
    }
}

const LEFT_OUT: &str = "Left out: prompts without a score on one side / that only the first answered / that only the second answered.";

fn always(report: &CompareReport) -> Shown {
    let row = |duel: &DuelReport| {
        let always = duel.always?;
        Some(vec![
            format!("{} over {}", printable(&duel.second, WIDTH), printable(&duel.first, WIDTH)),
            always.interval.map_or("–".into(), |(low, high)| format!("{low:+.3} to {high:+.3}")),
            p_value(always.p),
            always
                .decided_after
                .map_or("not yet".into(), |prompts| format!("after {}", counted(prompts as u64, "prompt"))),
        ])
    };
    Shown {
        title: "However often one looks".into(),
        header: vec!["", "difference", "p", "decided"],
        rows: report.duels.iter().filter_map(row).collect(),
        below: String::new(),
    }
}

fn plan(duel: &DuelReport) -> Shown {
    let row = |plan: &rewardctl_pipeline::comparison::report::Planned| {
        vec![format!("{}", plan.difference), plan.prompts.to_string()]
    };
    let detectable = duel.detectable.map_or(
        "What these prompts find is known of a t test alone, looked at once.".into(),
        |detectable| {
            format!(
                "With {} differences from {detectable:.4} on are found.",
                counted(duel.prompts as u64, "prompt")
            )
        },
    );
    Shown {
        title: format!("Prompts that a difference of {} and {} takes", duel.second, duel.first),
        header: vec!["difference", "prompts"],
        rows: duel.planned.iter().map(row).collect(),
        below: detectable,
    }
}

fn experiment_shown(report: &ExperimentReport) -> Vec<Shown> {
    let expected = |at: usize| {
        report.sample_ratio.as_ref().map_or("–".into(), |ratio| format!("{:.1}", ratio.expected[at]))
    };
    let arms = report.arms.iter().enumerate();
    let split = match (&report.sample_ratio, report.sample_ratio_mismatch) {
        (None, _) => "Too few units to check the split.".into(),
        (Some(ratio), true) => format!("The split is NOT the planned one: p {:.2e}.", ratio.p),
        (Some(ratio), false) => format!("The split is as planned: p {:.3}.", ratio.p),
    };
    let mut shown = vec![Shown {
        title: String::new(),
        header: vec!["arm", "units", "expected"],
        rows: arms
            .map(|(at, arm)| vec![printable(&arm.name, WIDTH), arm.units.to_string(), expected(at)])
            .collect(),
        below: split,
    }];
    shown.push(Shown {
        title: String::new(),
        header: vec![
            "metric",
            "arm",
            "first arm",
            "this arm",
            "change",
            "difference",
            "interval",
            "p",
            "adjusted",
            "detectable",
            "missing",
            "by",
        ],
        rows: report
            .metrics
            .iter()
            .flat_map(|metric| metric.contrasts.iter().map(move |one| contrast(metric, one)))
            .collect(),
        below: String::new(),
    });
    shown
}

fn contrast(metric: &MetricReport, contrast: &Contrast) -> Vec<String> {
    let number = |value: f64| format!("{value:.4}");
    let removed = contrast
        .variance_removed
        .map_or(String::new(), |removed| format!(", {:.0} % less variance", removed * 100.0));
    vec![
        printable(&metric.metric, WIDTH),
        printable(&contrast.arm, WIDTH),
        contrast.means.0.map_or("–".into(), number),
        contrast.means.1.map_or("–".into(), number),
        contrast.relative.map_or("–".into(), |relative| format!("{:+.1} %", relative * 100.0)),
        contrast.difference.map_or("–".into(), |difference| format!("{difference:+.4}")),
        contrast.interval.map_or("–".into(), |(low, high)| format!("{low:+.4} to {high:+.4}")),
        p_value(contrast.p),
        p_value(contrast.p_adjusted),
        contrast.detectable.map_or("–".into(), number),
        (contrast.missing.0 + contrast.missing.1).to_string(),
        format!("{}{removed}", contrast.method.replace('_', " ")),
    ]
}

fn percent(share: Option<f64>) -> String {
    share.map_or("–".into(), |share| format!("{:.1} %", share * 100.0))
}

fn interval(figure: Figure, shown: impl Fn(f64) -> String) -> String {
    figure.interval.map_or("–".into(), |(low, high)| format!("{} to {}", shown(low), shown(high)))
}
