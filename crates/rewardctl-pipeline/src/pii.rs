//! Personal data and secrets in files: every text of every row is looked at, and masked where that is asked for.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use rewardctl_data::row_error::RowError;
use rewardctl_data::texts::{Layout, TextRow, TextRows, TextWriter};
use rewardctl_pii::finding::Finding;
use rewardctl_pii::kind::{Class, Kind};
use rewardctl_pii::mask::{Masker, Operator, mask};
use rewardctl_pii::scanner::{Options, Scanner};
use serde::Serialize;

use crate::error::Error;
use crate::ingest::{BAD_ROWS_LISTED, InputFile, OnBadRow};

/// Examples of each kind in a report.
const EXAMPLES: usize = 3;
/// Characters of an example that are shown, masked.
const EXAMPLE_CHARS: usize = 48;

/// What is looked for, and what is done with it.
#[derive(Debug)]
pub struct PiiSettings<'k> {
    /// What is looked for beyond what a check can tell.
    pub options: Options,
    /// Where masked rows go, and how they are masked.
    pub masking: Option<(PathBuf, Operator<'k>)>,
    /// How all files are read; None goes by their names.
    pub layout: Option<Layout>,
    /// The most bytes that a row may have.
    pub max_row_bytes: usize,
    /// What to do with a row that cannot be used.
    pub on_bad_row: OnBadRow,
}

/// What was found.
#[derive(Debug, Serialize)]
pub struct PiiReport {
    /// Rows looked at; a piece of plain text counts as one.
    pub rows: u64,
    /// Texts in them.
    pub texts: u64,
    /// Rows with at least one finding.
    pub rows_with_findings: u64,
    /// Findings that a check, a shape or a word near them confirms.
    pub sure: u64,
    /// Findings that often tell of no person, such as private IP addresses.
    pub possible: u64,
    /// Each kind found, secrets first.
    pub kinds: Vec<KindReport>,
    /// Whether names of persons and postal addresses were looked for.
    pub names: bool,
    /// Rows written, masked; None if none were asked for.
    pub written: Option<u64>,
    /// Rows that cannot be used.
    pub skipped: u64,
    /// The first of them.
    #[serde(skip)]
    pub skipped_rows: Vec<RowError>,
}

/// How often one kind was found, and where.
#[derive(Debug, Serialize)]
pub struct KindReport {
    /// The kind's name.
    pub kind: &'static str,
    /// `secret` or `personal`.
    pub class: &'static str,
    /// Findings for sure.
    pub sure: u64,
    /// Findings that are only possible.
    pub possible: u64,
    /// The first findings, those for sure before others.
    pub examples: Vec<Example>,
}

/// One finding, fit to be shown.
#[derive(Debug, Clone, Serialize)]
pub struct Example {
    /// The file.
    pub file: String,
    /// The 1-based line; the record's number for Parquet.
    pub line: u64,
    /// The field, such as `messages.0.content`; empty for plain text.
    pub field: String,
    /// `possible`, `likely` or `validated`.
    pub certainty: &'static str,
    /// The datum with zeros and x in place of most of it, cut.
    pub masked: String,
}

/// Looks at every text of the files, in the order given; tells `progress` the rows so far.
///
/// Masked rows are written as JSONL, plain text as plain text; both in one file are refused. The file appears when all
/// is well.
pub fn scan(
    files: &[InputFile],
    settings: &PiiSettings<'_>,
    progress: &mut dyn FnMut(u64),
) -> Result<PiiReport, Error> {
    let layout = |file: &InputFile| settings.layout.unwrap_or_else(|| Layout::of(&file.path));
    if let (Some((path, _)), Some(first)) = (&settings.masking, files.first())
        && let Some(other) = files.iter().find(|file| layout(file) != layout(first))
    {
        let (one, other) = (first.label.clone(), other.label.clone());
        return Err(Error::MixedLayouts { one, other, output: path.clone() });
    }
    let mut pass = Pass::new(settings)?;
    for file in files {
        let rows = TextRows::open(&file.path, &file.label, layout(file), settings.max_row_bytes)?;
        for row in rows {
            match row {
                Ok(row) => pass.row(&file.label, row)?,
                Err(error) if error.ends_file() => return Err(Error::CutShort(error)),
                Err(error) => pass.skip(error),
            }
            progress(pass.report.rows + pass.report.skipped);
        }
    }
    pass.end()
}

/// One pass over the files.
struct Pass<'s> {
    settings: &'s PiiSettings<'s>,
    scanner: Scanner,
    writer: Option<TextWriter>,
    kinds: BTreeMap<Kind, KindReport>,
    report: PiiReport,
}

impl<'s> Pass<'s> {
    fn new(settings: &'s PiiSettings<'s>) -> Result<Self, Error> {
        let output: Option<&Path> = settings.masking.as_ref().map(|(path, _)| path.as_path());
        let report = PiiReport {
            rows: 0,
            texts: 0,
            rows_with_findings: 0,
            sure: 0,
            possible: 0,
            kinds: vec![],
            names: settings.options.names,
            written: None,
            skipped: 0,
            skipped_rows: vec![],
        };
        Ok(Self {
            settings,
            scanner: Scanner::new(settings.options),
            writer: output.map(TextWriter::create).transpose()?,
            kinds: BTreeMap::new(),
            report,
        })
    }

    fn row(&mut self, file: &str, mut row: TextRow) -> Result<(), Error> {
        let before = self.report.sure + self.report.possible;
        let line = row.line;
        match &self.settings.masking {
            None => row.texts(&mut |place, text| {
                let findings = self.scanner.scan_field(field_name(place), text);
                self.note(file, line, place, text, &findings);
            }),
            Some((_, operator)) => {
                let mut masker = Masker::new(*operator);
                row.texts(&mut |_, text| masker.reserve(text));
                row.change(&mut |place, text| self.masked(file, line, place, text, &mut masker));
            }
        }
        self.report.rows += 1;
        self.report.rows_with_findings += u64::from(self.report.sure + self.report.possible > before);
        match &mut self.writer {
            Some(writer) => Ok(writer.write(&row)?),
            None => Ok(()),
        }
    }

    fn masked(
        &mut self,
        file: &str,
        line: u64,
        place: &str,
        text: &str,
        masker: &mut Masker<'_>,
    ) -> Option<String> {
        let masked = self.scanner.mask_field(field_name(place), text, masker);
        self.note(file, line, place, text, &masked.findings);
        (!masked.findings.is_empty()).then_some(masked.text)
    }

    fn note(&mut self, file: &str, line: u64, place: &str, text: &str, findings: &[Finding]) {
        self.report.texts += 1;
        let (mut counted_to, mut lines) = (0, 0);
        for one in findings {
            let (sure, possible) = if one.is_sure() { (1, 0) } else { (0, 1) };
            self.report.sure += sure;
            self.report.possible += possible;
            let kind = self.kinds.entry(one.kind).or_insert_with(|| KindReport::new(one.kind));
            kind.sure += sure;
            kind.possible += possible;
            if !kind.wants(one) {
                continue;
            }
            // The lines of plain text lie within the text; those of a field do not.
            if place.is_empty() {
                lines += text[counted_to..one.start].matches('\n').count() as u64;
                counted_to = one.start;
            }
            kind.examples.push(example(file, line + lines, place, &text[one.range()], one));
            kind.examples.sort_by_key(|example| example.certainty == "possible");
            kind.examples.truncate(EXAMPLES);
        }
    }

    fn skip(&mut self, error: RowError) {
        self.report.skipped += 1;
        if self.report.skipped_rows.len() < BAD_ROWS_LISTED {
            self.report.skipped_rows.push(error);
        }
    }

    fn end(mut self) -> Result<PiiReport, Error> {
        let nothing_left = self.report.rows == 0;
        if self.report.skipped > 0 && (nothing_left || self.settings.on_bad_row == OnBadRow::Fail) {
            return Err(Error::BadRows { count: self.report.skipped, first: self.report.skipped_rows });
        }
        self.report.written = self.writer.map(TextWriter::finish).transpose()?;
        self.report.kinds = self.kinds.into_values().collect();
        Ok(self.report)
    }
}

impl KindReport {
    fn new(kind: Kind) -> Self {
        let class = match kind.class() {
            Class::Secret => "secret",
            Class::Personal => "personal",
        };
        Self { kind: kind.name(), class, sure: 0, possible: 0, examples: vec![] }
    }

    fn wants(&self, finding: &Finding) -> bool {
        let weak = || self.examples.iter().any(|example| example.certainty == "possible");
        self.examples.len() < EXAMPLES || (finding.is_sure() && weak())
    }
}

/// Returns the last step of a place that is no number: the name that tells what a text is.
fn field_name(place: &str) -> &str {
    let is_name = |step: &&str| !step.bytes().all(|byte| byte.is_ascii_digit());
    place.rsplit('.').find(is_name).unwrap_or("")
}

fn example(file: &str, line: u64, place: &str, datum: &str, finding: &Finding) -> Example {
    let whole = Finding { start: 0, end: datum.len(), ..*finding };
    let masked = mask(datum, &[whole], Operator::KeepFormat);
    let mut shown: String = masked.chars().take(EXAMPLE_CHARS).collect();
    if masked.chars().nth(EXAMPLE_CHARS).is_some() {
        shown.push('…');
    }
    Example {
        file: file.into(),
        line,
        field: place.into(),
        certainty: finding.certainty.name(),
        masked: shown,
    }
}

#[cfg(test)]
mod tests;
