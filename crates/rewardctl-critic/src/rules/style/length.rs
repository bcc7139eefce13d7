//! `rule.length`: is the response as long as asked for?

use crate::rules::RuleInfo;
use crate::rules::ask::limit::{Limit, Unit};
use crate::rules::judgement::{Judgement, counted};
use crate::rules::style::formatting::begins_item;
use crate::rules::subject::Subject;
use crate::rules::text::Text;

pub(crate) const INFO: RuleInfo = RuleInfo {
    critic: "rule.length",
    dimension: "style",
    measures: "The length against what the settings and the prompt ask for, else against the reference, else against \
               a broad band: exp(-k ln²(count/bound)) outside of the band, 1 inside; k is 4 for a length asked for, else 1.",
};

/// How steeply the score falls outside of a length that was asked for: twice too long gives 0.15.
const STEEP: f64 = 4.0;
/// The same outside of a band that is merely usual: twice too long gives 0.62.
const GENTLE: f64 = 1.0;
/// Answers of a sentence may explain themselves for a few more.
const EXPLAINED: u32 = 80;

/// In a longer prompt, `short` may be about anything.
const SHORT_PROMPT: u32 = 60;

/// A band of lengths, why it holds, and how steeply the score falls outside.
struct Band {
    limit: Limit,
    steepness: f64,
    because: &'static str,
}

pub(crate) fn judge(subject: &Subject<'_>) -> Judgement {
    if subject.response.is_blank() {
        return Judgement::scored(0.0, "the response is empty");
    }
    let unspaced = subject.response.is_unspaced();
    let bands: Vec<Band> =
        bands(subject).into_iter().filter(|band| !(unspaced && band.limit.unit == Unit::Words)).collect();
    if bands.is_empty() {
        return Judgement::abstained("the script puts no spaces between words, so words cannot be counted");
    }
    let only_code = subject.response.prose.is_empty();
    if only_code {
        return Judgement::abstained("there are no words outside of code");
    }
    let scored = bands.iter().map(|band| (score(band, &subject.response), band));
    let worst = scored.min_by(|(a, _), (b, _)| a.total_cmp(b));
    worst.map_or_else(
        || Judgement::abstained("there is no band"),
        |(score, band)| Judgement::scored(score, rationale(band, &subject.response)),
    )
}

/// Returns the bands of the best source there is; several limits of a prompt all hold.
fn bands(subject: &Subject<'_>) -> Vec<Band> {
    let settings = &subject.rules.settings.length;
    let asked = |limit: &Limit| Band { limit: *limit, steepness: STEEP, because: "the prompt asks for" };
    let mut bands: Vec<Band> = subject.ask.limits.iter().map(asked).collect();
    if settings.min_words.is_some() || settings.max_words.is_some() {
        let (min, max) = (settings.min_words.unwrap_or(0), settings.max_words.unwrap_or(u32::MAX));
        let limit = Limit { min, max, unit: Unit::Words };
        bands.push(Band { limit, steepness: STEEP, because: "the settings ask for" });
    }
    if bands.is_empty() {
        bands.push(usual_band(subject));
    }
    bands
}

fn usual_band(subject: &Subject<'_>) -> Band {
    let band = |min, max, because| {
        let limit = Limit { min, max, unit: Unit::Words };
        Band { limit, steepness: GENTLE, because }
    };
    if let Some(reference) = subject.reference() {
        let words = Text::new(reference).prose.len() as u32;
        return band(words / 2, (2 * words).max(EXPLAINED), "beside the reference, usual are");
    }
    let prompt_words = (subject.context.question().len() / 6) as u32;
    let (shortest, longest) = match (subject.ask.brief, subject.ask.long) {
        (true, false) if prompt_words < SHORT_PROMPT => (1, 200),
        (_, true) => (1, 2500),
        _ => (1, (400 + 2 * prompt_words).min(1500)),
    };
    band(shortest, longest, "for such a prompt, usual are")
}

fn score(band: &Band, response: &Text<'_>) -> f64 {
    let count = count(band.limit.unit, response);
    let Limit { min, max, .. } = band.limit;
    let bound = count.clamp(min, max.max(min));
    if bound == count {
        return 1.0;
    }
    // One is added to both so that zero words of a demanded few have a logarithm.
    let distance = (f64::from(count + 1) / f64::from(bound + 1)).ln();
    (-band.steepness * distance * distance).exp()
}

fn count(unit: Unit, response: &Text<'_>) -> u32 {
    let count = match unit {
        Unit::Words => response.prose.len(),
        Unit::Sentences => response.sentences.count,
        Unit::Paragraphs => paragraphs(response),
        Unit::Items => response.prose_lines().filter(|(_, line)| begins_item(line)).count(),
    };
    u32::try_from(count).unwrap_or(u32::MAX - 1)
}

fn paragraphs(response: &Text<'_>) -> usize {
    let mut count = 0;
    let mut after_blank = true;
    for (_, line) in response.prose_lines() {
        let blank = line.trim().is_empty();
        count += usize::from(after_blank && !blank && !line.starts_with('#'));
        after_blank = blank || line.starts_with('#');
    }
    count
}

fn rationale(band: &Band, response: &Text<'_>) -> String {
    let noun = match band.limit.unit {
        Unit::Words => "word",
        Unit::Sentences => "sentence",
        Unit::Paragraphs => "paragraph",
        Unit::Items => "list item",
    };
    let has = counted(count(band.limit.unit, response) as usize, noun);
    let asked = match band.limit {
        Limit { min, max, .. } if min == max => format!("{min}"),
        Limit { min: 0, max, .. } => format!("at most {max}"),
        Limit { min, max: u32::MAX, .. } => format!("at least {min}"),
        Limit { min, max, .. } => format!("{min} to {max}"),
    };
    format!("{has}; {} {asked}", band.because)
}
