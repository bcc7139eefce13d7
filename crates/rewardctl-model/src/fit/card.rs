//! The README of a fitted model, made from its report alone.

use std::fmt::Write;

use crate::fit::TrainSettings;
use crate::fit::report::{DimensionReport, Figure, Report, SourceReport};

/// Returns the card in Markdown.
pub fn write(report: &Report, settings: &TrainSettings) -> String {
    let mut card = format!("# {}\n\n", settings.name);
    let names: Vec<&str> = report.dimensions.iter().map(|dimension| dimension.dimension.as_str()).collect();
    let lines = [
        format!("Text reward heads for {}, fitted with `rewardctl`.", names.join(", ")),
        "They read the embeddings of a prompt and a response, and surface features of the response.".into(),
        "Per dimension they give a utility, a score in 0 to 1, and the variance of that score.".into(),
        "The score is the probability of being preferred to a typical response of the data they were fitted on."
            .into(),
        String::new(),
        "## How to make them again".into(),
        String::new(),
        "```sh".into(),
        settings.command.clone(),
        "```".into(),
        String::new(),
        format!(
            "Fitted on {} examples ({} distinct texts), seed {}.",
            report.examples, report.texts, report.seed
        ),
        format!("They belong to the encoder whose graph has the SHA-256 `{}`.", report.encoder),
        format!("Licence of the weights: {}.", settings.licence),
        String::new(),
    ];
    card.push_str(&lines.join("\n"));
    card.push_str(METHOD);
    report.dimensions.iter().for_each(|dimension| table(&mut card, dimension));
    if !settings.notice.is_empty() {
        let _ = write!(card, "\n{}\n", settings.notice.trim_end());
    }
    card
}

const METHOD: &str = "
## Figures

The command above also makes every figure below, and `report.json` beside this page holds them unrounded.
Each is the share of comparisons in which the better response got the higher value; a tie counts one half.
Comparisons are pairs, or two responses to one prompt that people rated differently.
The prompts fall into five parts, and each part is judged by a fit that saw nothing of its prompts.
The ridges are chosen on a further part inside of that fit, and the TF-IDF baseline is treated in the same way.
Intervals are 95 % and count prompts, not comparisons.
`source unseen` is a fit without any row of that source, with the ridges of the shipped head: what to expect on data unlike those below.
`better` and `worse` in the last columns mean that the interval of the difference excludes zero.
";

fn table(card: &mut String, dimension: &DimensionReport) {
    // Writing to a string cannot fail.
    let _ = write!(card, "\n### {}\n\n", dimension.dimension);
    card.push_str("| source | examples | comparisons | head | longer wins | TF-IDF | source unseen | against longer | against TF-IDF |\n");
    card.push_str("|---|---|---|---|---|---|---|---|---|\n");
    for source in &dimension.sources {
        let SourceReport { head, longer, tfidf, unseen, .. } = source;
        let _ = writeln!(
            card,
            "| {} | {} | {} | {:.3} ({:.3}–{:.3}) | {:.3} | {:.3} | {:.3} | {} | {} |",
            source.source,
            source.examples,
            source.comparisons,
            head.mean,
            head.low,
            head.high,
            longer.mean,
            tfidf.mean,
            unseen.mean,
            verdict(&source.over_longer),
            verdict(&source.over_tfidf),
        );
    }
    let [embeddings, signals, crossed] = dimension.ridges;
    let beats = |over: fn(&SourceReport) -> &Figure| {
        dimension.sources.iter().filter(|source| over(source).mean > 0.0).count()
    };
    let count = dimension.sources.len();
    let _ = write!(
        card,
        "\nThe head is ahead of the longer answer on {} of {count} sources, and of TF-IDF on {}.\nRidges: embeddings {embeddings}, signals {signals}, signals crossed with the prompt {crossed}; temperature {:.2}.\n",
        beats(|source| &source.over_longer),
        beats(|source| &source.over_tfidf),
        dimension.temperature,
    );
    for source in &dimension.sources {
        if let Some([head, longer, tfidf]) = source.spearman {
            let _ = writeln!(
                card,
                "Spearman's correlation with the ratings of {}: head {head:.3}, length {longer:.3}, TF-IDF {tfidf:.3}.",
                source.source
            );
        }
    }
}

fn verdict(difference: &Figure) -> String {
    let word = if difference.low > 0.0 {
        " better"
    } else if difference.high < 0.0 {
        " worse"
    } else {
        ""
    };
    format!("{:+.3}{word}", difference.mean)
}
