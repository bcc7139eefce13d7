//! Rows that hold an item of a benchmark: D09.

use rewardctl_data::contamination::Index;
use rewardctl_data::lint::check::dataset::D09;
use rewardctl_data::lint::parts::{Parts, Said};
use rewardctl_data::lint::pass::Remark;

/// Remarks on a row that holds an item, as a whole or in one of its texts.
pub(super) fn remark(index: &Index, parts: &Parts) -> Option<Remark> {
    let answers = parts.answers.iter().map(|(_, answer)| answer);
    let said: Vec<_> = parts.prompt.iter().chain(answers).collect();
    let turns = |said: &Said| said.turns.iter().map(|turn| turn.text.as_str()).collect::<Vec<_>>().join("\n");
    let texts: Vec<(&str, String)> = said.iter().map(|said| (said.field.as_str(), turns(said))).collect();
    let whole = texts.iter().map(|(_, text)| text.as_str()).collect::<Vec<_>>().join("\n");
    let alone = texts.iter().map(|(field, text)| (Some((*field).to_owned()), text));
    let all = alone.chain([(None, &whole)]);
    let hits = all.filter_map(|(field, text)| Some((field, *index.hits(text).first()?)));
    // The first field that holds most of an item.
    let (field, hit) = hits.reduce(|best, other| if other.1.score > best.1.score { other } else { best })?;
    let message =
        format!("holds {:.0} % of the words of the benchmarks' item {}", hit.score * 100.0, hit.item + 1);
    Some(Remark { check: &D09, field, message })
}
