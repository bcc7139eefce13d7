//! Figures as words and cells.

use rewardctl_critic::llm::price::money::NanoDollars;

use crate::chart::grouped;
use crate::report::document::{Block, Cell, NOTHING, Table};
use crate::report::figures::Cost;

/// Characters of a version that tell it from others.
const SHORT: usize = 12;

/// Returns a table.
pub(super) fn table(header: &[&str], rows: Vec<Vec<Cell>>) -> Block {
    Block::Table(Table { header: header.iter().map(|name| (*name).into()).collect(), rows })
}

/// Returns a count that should be zero.
pub(super) fn doubt(count: u64) -> Cell {
    if count == 0 { Cell::Number("0".into()) } else { Cell::Doubt(thousands(count)) }
}

/// Returns a part of all, in percent.
pub(super) fn share(part: u64, all: u64) -> String {
    if all == 0 { NOTHING.into() } else { format!("{:.1} %", part as f64 / all as f64 * 100.0) }
}

/// Returns what calls cost, as far as the ledger knows.
pub(super) fn spent(cost: &Cost) -> String {
    match (cost.known, cost.unpriced) {
        (0, _) => "not known".into(),
        (_, unpriced) if unpriced > 0 && cost.spent_nano == 0 => "without a price".into(),
        (_, 0) => NanoDollars(cost.spent_nano).to_string(),
        (_, unpriced) => {
            format!("at least {}, {} without a price", NanoDollars(cost.spent_nano), thousands(unpriced))
        }
    }
}

/// Returns three digits, or that there is no figure.
pub(super) fn number(value: Option<f64>) -> String {
    value.map_or(NOTHING.into(), |value| format!("{value:.3}"))
}

/// Returns a count with its thousands apart.
pub(super) fn thousands(count: u64) -> String {
    grouped(count as f64)
}

/// Returns a count with what it counts: `1 row`, `2 rows`.
pub(super) fn counted(count: u64, what: &str) -> String {
    format!("{} {what}{}", thousands(count), if count == 1 { "" } else { "s" })
}

/// Returns as much of a version as tells it from others.
pub(super) fn shortened(version: &str) -> String {
    version.chars().take(SHORT).collect()
}
