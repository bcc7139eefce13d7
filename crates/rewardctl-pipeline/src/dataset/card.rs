//! The card of a dataset as Markdown: everything a person should know before training on it.

use rewardctl_core::dataset::quality::Status;
use rewardctl_core::dataset::reason::Reason;
use rewardctl_core::dataset::recipe::KtoBalance;
use rewardctl_core::dataset::{Kind, Vouch};

use crate::dataset::figures::Figures;
use crate::dataset::manifest::Manifest;
use crate::markup::{markdown, markdown_prose};

/// A heading with what stands below it.
pub(super) struct Section {
    pub title: &'static str,
    /// Name and value of each line; for machines' eyes as well as people's.
    pub lines: Vec<(String, String)>,
    /// What else is to be said.
    pub notes: Vec<String>,
}

/// Returns the card.
pub(super) fn card(manifest: &Manifest) -> String {
    let mut card = format!("# {}\n\n{}\n", markdown(&manifest.name), lead(manifest));
    for section in sections(manifest) {
        card += &format!("\n## {}\n", section.title);
        if !section.lines.is_empty() {
            card += "\n| | |\n|---|---|\n";
        }
        for (name, value) in &section.lines {
            card += &format!("| {} | {} |\n", markdown(name), markdown(value));
        }
        for note in &section.notes {
            card += &format!("\n{}\n", markdown_prose(note));
        }
    }
    card
}

/// Returns what the dataset is, in a sentence.
pub(super) fn lead(manifest: &Manifest) -> String {
    let status = match manifest.status {
        Status::Ready => "ready: every gate is met",
        Status::Draft => "a draft: a gate is not met",
        Status::Archived => "put aside",
    };
    let what = match manifest.kind {
        Kind::Dpo => "pairs of a better and a worse answer",
        Kind::Kto => "answers called desirable or not",
        Kind::Sft => "answers to imitate",
        Kind::Rm => "pairs with margins, for fitting a reward model",
        Kind::Prompts => "prompts whose answers differ in reward",
        Kind::Rollouts => "answers with their rewards",
        Kind::Stepwise => "answers in steps, each right or wrong",
    };
    let counts = &manifest.counts;
    format!("{} rows of {} prompts: {what}. It is {status}.", counts.rows, counts.prompts)
}

/// Returns the figures that come first: a name, the figure, what it means.
pub(super) fn headline(manifest: &Manifest) -> Vec<(&'static str, String, String)> {
    let (figures, counts) = (&manifest.figures, &manifest.counts);
    let unknown = || "–".to_owned();
    let people = figures.people_share.map_or(unknown(), percent);
    let accuracy = figures.expected_accuracy.map_or(unknown(), |mean| format!("{:.3}", mean.mean));
    let interval = figures.expected_accuracy.map_or("people decided all".into(), |mean| {
        let (low, high) = mean.interval;
        format!("{low:.3} to {high:.3}")
    });
    let audit = figures.audit.map_or(unknown(), |audit| percent(audit.errors as f64 / audit.judged as f64));
    let audited = figures.audit.map_or("nothing audited was labelled".into(), |audit| {
        let (low, high) = audit.interval;
        format!("{} to {}, of {}", percent(low), percent(high), audit.judged)
    });
    vec![
        ("rows", counts.rows.to_string(), format!("of {} prompts", counts.prompts)),
        ("quality", format!("{:.3}", manifest.quality.score), "from 0 to 1".into()),
        ("decided by people", people, "of the rows".into()),
        ("expected accuracy", accuracy, interval),
        ("audit error", audit, audited),
    ]
}

/// Returns all that is known, for the card and the page.
pub(super) fn sections(manifest: &Manifest) -> Vec<Section> {
    vec![
        quality(manifest),
        trust(manifest),
        balance(manifest),
        training(manifest),
        counts(manifest),
        withheld(manifest),
        made(manifest),
    ]
}

fn quality(manifest: &Manifest) -> Section {
    let number =
        |value: f64| if value.fract() == 0.0 { format!("{value:.0}") } else { format!("{value:.3}") };
    let mut lines = vec![("quality".to_owned(), format!("{:.3}", manifest.quality.score))];
    for part in &manifest.quality.parts {
        lines.push((part.name.clone(), format!("{:.3} = {}", part.value, part.formula)));
    }
    for gate in &manifest.gates {
        let found = gate.found.map_or("unknown".into(), number);
        let met = if gate.met { "met" } else { "not met" };
        lines.push((format!("gate: {} {}", gate.name, number(gate.needed)), format!("{found}, {met}")));
    }
    let note = "Quality is the geometric mean of its parts, each from 0 to 1: nothing makes up for a part that is missing.";
    Section { title: "Quality", lines, notes: vec![note.into()] }
}

fn trust(manifest: &Manifest) -> Section {
    let figures = &manifest.figures;
    let mut lines = vec![];
    let mut add =
        |name: &str, value: Option<String>| lines.extend(value.map(|value| (name.to_owned(), value)));
    for (vouch, rows) in &figures.sources {
        add(&format!("rows by {}", who(*vouch)), Some(rows.to_string()));
    }
    add("share of rows that people decided", figures.people_share.map(percent));
    let accuracy = figures.expected_accuracy.map(|mean| {
        let (low, high) = mean.interval;
        format!("{:.3} ({low:.3} to {high:.3}), of {} rows", mean.mean, mean.count)
    });
    add("expected accuracy of the models' rows (mean P)", accuracy);
    let audit = figures.audit.map(|audit| {
        let (low, high) = audit.interval;
        let rate = audit.errors as f64 / audit.judged as f64;
        format!("{rate:.3} ({low:.3} to {high:.3}), of {} answers", audit.judged)
    });
    add("models' errors on answers drawn at random", audit.or(Some("no audited answer was labelled".into())));
    let made_by = &manifest.made_by;
    let mut notes = vec![];
    if let Some(found) = &figures.paraphrases {
        let name = format!("prompts near to a benchmark's item (cosine above {})", found.above);
        lines.push((name, format!("{} of {}", found.found, found.looked_at)));
        for near in &found.nearest {
            notes.push(format!(
                "Look at (cosine {:.3}): `{}` is near to `{}`.",
                near.cosine, near.prompt, near.item
            ));
        }
    }
    if figures.expected_accuracy.is_some() {
        notes.push("The expected accuracy holds as far as the models' probabilities are calibrated: `rewardctl eval` measures that. Rows that people decided are not in it.".into());
    }
    if made_by.without_uncertainty > 0 {
        notes.push(format!(
            "{} rewards come without an uncertainty: where they decide, the margin alone does, and nobody knows how sure that is.",
            made_by.without_uncertainty
        ));
    }
    Section { title: "Trust", lines, notes }
}

fn balance(manifest: &Manifest) -> Section {
    let figures = &manifest.figures;
    let (mut lines, mut notes) = (vec![], vec![]);
    if let Some(length) = figures.length {
        lines.push(("AUROC of length as a sign of the better answer".into(), format!("{:.3}", length.auroc)));
        if let (Some(ratio), Some(longer)) = (length.mean_log_ratio, length.chosen_longer) {
            lines.push(("mean ln(chosen length / rejected length)".into(), format!("{ratio:.3}")));
            lines.push(("chosen is longer, of pairs that differ".into(), percent(longer)));
        }
        if length.auroc > manifest.recipe.balance.warn {
            notes.push(format!(
                "Warning: length tells better answers from worse ones (AUROC {:.3}, warned of above {}). `--set balance.length=true` evens it out.",
                length.auroc, manifest.recipe.balance.warn
            ));
        }
    }
    for (mark, area) in &figures.style {
        lines.push((format!("AUROC of {mark}"), format!("{area:.3}")));
    }
    if lines.is_empty() {
        notes.push("There are no better and worse answers to compare.".into());
    }
    Section { title: "Length and style", lines, notes }
}

fn training(manifest: &Manifest) -> Section {
    let figures = &manifest.figures;
    let (mut lines, mut notes) = (vec![], vec![]);
    if let (Some(noise), Some(smoothing)) = (figures.noise_rate, figures.label_smoothing) {
        lines.push(("noise rate (mean of 1 − P)".into(), format!("{noise:.4}")));
        lines.push(("recommended label_smoothing".into(), format!("{smoothing:.4}")));
    }
    if let Some(cap) = figures.margin_cap {
        let share = manifest.recipe.models.margin_cap;
        lines.push((format!("margins are capped at their quantile {share}"), format!("{cap:.4}")));
    }
    if let Some(weights) = figures.weights {
        lines.push(("desirable_weight".into(), format!("{:.4}", weights.desirable)));
        lines.push(("undesirable_weight".into(), format!("{:.4}", weights.undesirable)));
        lines.push(("(w_D n_D) / (w_U n_U)".into(), format!("{:.4}", weights.ratio)));
        if manifest.recipe.kto.balance == KtoBalance::Weights {
            notes.push("Shuffle prompts, with at least 4 examples a device: KTO estimates its reference from mismatched pairs.".into());
        }
    }
    if let Some(white) = figures.whitening {
        let formula =
            format!("clamp((reward − {:.6}) / {:.6}, −{}, {})", white.mean, white.sd, white.clip, white.clip);
        lines.push(("whitened reward".into(), formula));
    }
    if let Some(share) = figures.right_steps {
        lines.push(("right steps".into(), percent(share)));
        if !(0.3..=0.9).contains(&share) {
            notes.push("Warning: between 30 % and 90 % of the steps should be right.".into());
        }
    }
    Section { title: "For training", lines, notes }
}

fn counts(manifest: &Manifest) -> Section {
    let counts = &manifest.counts;
    let mut lines = vec![
        ("prompts looked at".to_owned(), counts.items.to_string()),
        ("prompts with a row".into(), counts.prompts.to_string()),
        ("rows".into(), counts.rows.to_string()),
    ];
    if matches!(manifest.kind, Kind::Kto) {
        lines.push(("desirable".into(), counts.good.to_string()));
        lines.push(("undesirable".into(), counts.bad.to_string()));
    }
    let repeated = [Reason::Duplicate, Reason::NearDuplicate].map(|reason| manifest.withheld.get(&reason));
    let repeated: u64 = repeated.into_iter().flatten().sum();
    let share = repeated as f64 / (counts.rows + repeated).max(1) as f64;
    lines.push(("duplicates, left out".into(), format!("{repeated} ({})", percent(share))));
    lines.extend(counts.splits.iter().map(|(split, rows)| (format!("rows to {split}"), rows.to_string())));
    let generators = &manifest.figures.generators;
    lines.extend(
        generators.iter().map(|(name, rows)| (format!("better answers by {name}"), rows.to_string())),
    );
    if counts.masked > 0 {
        lines.push(("rows of which personal data were masked".into(), counts.masked.to_string()));
    }
    let note = "All rows of prompts that are alike lie in one part.";
    Section { title: "Counts", lines, notes: vec![note.into()] }
}

fn withheld(manifest: &Manifest) -> Section {
    let line = |(reason, count): (&Reason, &u64)| (reason.words().to_owned(), count.to_string());
    let lines: Vec<_> = manifest.withheld.iter().map(line).collect();
    let note = if lines.is_empty() {
        "Nothing was held back."
    } else {
        "One count for each row that was held back, or for a prompt that gives none."
    };
    Section { title: "Held back", lines, notes: vec![note.into()] }
}

fn made(manifest: &Manifest) -> Section {
    let (by, inputs) = (&manifest.made_by, &manifest.inputs);
    let from = if inputs.files.is_empty() { "the store".into() } else { inputs.files.join(", ") };
    let mut lines = vec![("from".to_owned(), from)];
    for (what, counted) in [
        ("prompts", inputs.items),
        ("responses", inputs.responses),
        ("rewards", inputs.rewards),
        ("labels", inputs.labels),
        ("items of benchmarks that no row may hold", inputs.benchmarks),
    ] {
        lines.push((what.into(), format!("{}, hash {}", counted.count, counted.digest)));
    }
    if !by.rewards.is_empty() {
        let panel = by.panel.as_ref().map_or(String::new(), |panel| format!(", panel {panel}"));
        lines.push(("version of the rewards".into(), format!("{}{panel}", by.rewards)));
    }
    if by.other_versions > 0 {
        lines.push(("rewards of other versions, not used".into(), by.other_versions.to_string()));
    }
    let pool = manifest.pool;
    lines.push((
        "all rewards".into(),
        format!("mean {:.4}, deviation {:.4}, median {:.4}", pool.mean, pool.sd, pool.median),
    ));
    lines.push(("by".into(), format!("rewardctl {}, seed {}", by.rewardctl, by.seed)));
    lines.push(("SHA-256 of the rows".into(), manifest.rows_sha256.clone()));
    Section { title: "Made from", lines, notes: vec!["`manifest.json` has the recipe.".into()] }
}

/// Names who vouches for rows.
pub(super) fn who(vouch: Vouch) -> &'static str {
    match vouch {
        Vouch::Adjudicated => "an adjudicator",
        Vouch::Majority => "a majority of people",
        Vouch::Single => "one person",
        Vouch::Model => "the models",
        Vouch::Implicit => "what users did",
    }
}

/// Returns the share of people's rows of each kind, for plots.
pub(super) fn source_shares(figures: &Figures) -> Vec<(String, f64)> {
    let all: u64 = figures.sources.values().sum();
    let share = |(vouch, rows): (&Vouch, &u64)| (who(*vouch).into(), *rows as f64 / all.max(1) as f64);
    figures.sources.iter().map(share).collect()
}

fn percent(share: f64) -> String {
    format!("{:.1} %", share * 100.0)
}
