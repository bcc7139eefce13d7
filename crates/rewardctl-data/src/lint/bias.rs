//! What tells the chosen answer without reading it: D01, D02.

use serde::Serialize;

use crate::lint::check::Severity;
use crate::lint::check::dataset::{D01, D02};
use crate::lint::finding::Findings;
use crate::lint::histogram::Histogram;
use crate::lint::parts::Parts;
use crate::lint::text::style;

/// Fewer pairs say nothing: the AUROC of chance has a standard error of 0.04 at this many.
const MIN_PAIRS: u64 = 100;
/// How far an AUROC may be from a half, either way, before it is a warning, and an error.
const WARN: f64 = 0.10;
const FAIL: f64 = 0.20;

/// The answers of all pairs.
#[derive(Debug, Default)]
pub(crate) struct Bias {
    pairs: u64,
    longer: u64,
    log_ratio: f64,
    length: Histogram,
    lists: Histogram,
    bold: Histogram,
    headings: Histogram,
}

/// How well a look from afar tells the chosen answer; AUROCs are 0.5 by chance.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct PairFigures {
    /// Pairs with both answers.
    pub pairs: u64,
    /// The share whose chosen answer has more characters.
    pub chosen_longer: f64,
    /// The mean of ln(characters of chosen / characters of rejected).
    pub mean_log_length_ratio: f64,
    /// The AUROC of the number of characters.
    pub length_auroc: f64,
    /// The AUROC of the number of list items.
    pub list_auroc: f64,
    /// The AUROC of the number of bold runs.
    pub bold_auroc: f64,
    /// The AUROC of the number of headings.
    pub heading_auroc: f64,
}

impl Bias {
    /// Takes in a row.
    pub(crate) fn read(&mut self, parts: &Parts) {
        let Some((chosen, rejected)) = parts.pair() else { return };
        if chosen.is_empty() || rejected.is_empty() {
            return;
        }
        let (chosen, rejected) = (chosen.text(), rejected.text());
        let length = |text: &str| u32::try_from(text.chars().count()).unwrap_or(u32::MAX);
        let (a, b) = (length(&chosen), length(&rejected));
        self.pairs += 1;
        self.longer += u64::from(a > b);
        self.log_ratio += (f64::from(a.max(1)) / f64::from(b.max(1))).ln();
        self.length.add(a, b);
        let (a, b) = (style(&chosen), style(&rejected));
        self.lists.add(a.list_items, b.list_items);
        self.bold.add(a.bold, b.bold);
        self.headings.add(a.headings, b.headings);
    }

    /// Returns the figures; None without any pair.
    pub(crate) fn figures(&self) -> Option<PairFigures> {
        let pairs = self.pairs as f64;
        Some(PairFigures {
            pairs: self.pairs,
            length_auroc: self.length.auroc()?,
            list_auroc: self.lists.auroc()?,
            bold_auroc: self.bold.auroc()?,
            heading_auroc: self.headings.auroc()?,
            chosen_longer: self.longer as f64 / pairs,
            mean_log_length_ratio: self.log_ratio / pairs,
        })
    }

    /// Says what is told from afar.
    pub(crate) fn report(&self, findings: &mut Findings) {
        let Some(figures) = self.figures().filter(|figures| figures.pairs >= MIN_PAIRS) else { return };
        findings.stand(None, None);
        let auroc = figures.length_auroc;
        if (auroc - 0.5).abs() > WARN {
            let severity = if (auroc - 0.5).abs() > FAIL { Severity::Error } else { Severity::Warning };
            let longer = figures.chosen_longer * 100.0;
            let message = format!(
                "AUROC {auroc:.3}; the chosen answer is longer in {longer:.0} % of {} pairs",
                figures.pairs
            );
            findings.add_as(severity, &D01, None, message);
        }
        let style = [
            ("list items", figures.list_auroc),
            ("bold text", figures.bold_auroc),
            ("headings", figures.heading_auroc),
        ];
        for (what, auroc) in style {
            if (auroc - 0.5).abs() > WARN {
                findings.add(&D02, None, format!("AUROC {auroc:.3} of {what} over {} pairs", figures.pairs));
            }
        }
    }
}
