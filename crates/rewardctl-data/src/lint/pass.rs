//! One pass over the files, row by row, that asks every family of checks.

use std::path::{Path, PathBuf};

use crate::error::Error;
use crate::format::{Compression, Format};
use crate::json::Fields;
use crate::lines::{Mark, Marks};
use crate::lint::balance::Balance;
use crate::lint::bias::Bias;
use crate::lint::check::loader::{E03, E04, E08, E15, F01, F02, F03};
use crate::lint::check::{Check, Severity};
use crate::lint::columns::{At, Columns};
use crate::lint::finding::{Findings, Place};
use crate::lint::layout::{Layout, Shape};
use crate::lint::names;
use crate::lint::parts::Parts;
use crate::lint::raw::{Content, RawFile, RawRow};
use crate::lint::report::{Figures, FileReport, Report};
use crate::lint::rows::{self, Row};
use crate::lint::schema;
use crate::lint::seen::{Part, Seen, Sight};
use crate::lint::selection::Selection;
use crate::lint::target::{Reader, Target};
use crate::lint::tokens::{CountTokens, Tokens};
use crate::row_error::{Fault, RowProblem};

/// A file to judge.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LintFile {
    /// Where it lies.
    pub path: PathBuf,
    /// What findings call it.
    pub label: String,
}

/// How to judge.
#[derive(Debug, Clone)]
pub struct LintSettings {
    /// Who the data are for; None judges the shape alone.
    pub target: Option<&'static Target>,
    /// Which checks are wanted.
    pub selection: Selection,
    /// The most places listed of one check; all are counted.
    pub max_places: usize,
    /// The longest row that is read, in bytes.
    pub max_row_bytes: usize,
    /// The most tokens of a row that are fine; None for any number.
    pub max_tokens: Option<u64>,
    /// The most rows that are compared with one another; bounds the memory, about 100 bytes a row.
    pub compared_rows: usize,
}

/// Takes in a row, and remarks on it.
pub type OnRow<'a> = &'a mut dyn FnMut(&Place, &Parts) -> Vec<Remark>;

/// What listens to the rows beside the checks.
#[derive(Default)]
pub struct Listeners<'a> {
    /// Counts tokens; without it, none are counted.
    pub tokens: Option<CountTokens<'a>>,
    /// Takes in every readable row, and remarks on it: for comparisons that need more than this pass has.
    pub rows: Option<OnRow<'a>>,
    /// Is asked once at the end, and remarks on any row.
    pub end: Option<&'a mut dyn FnMut() -> Vec<(Place, Remark)>>,
}

/// What a listener has found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Remark {
    /// The check that it is a finding of.
    pub check: &'static Check,
    /// The field at fault.
    pub field: Option<String>,
    /// What is there.
    pub message: String,
}

/// Reads the files and judges them.
///
/// An error means that a file cannot be read at all; a row that cannot be read is a finding.
pub fn lint(
    files: &[LintFile],
    settings: &LintSettings,
    listeners: &mut Listeners<'_>,
) -> Result<Report, Error> {
    let mut pass = Pass::new(files, settings);
    for (number, file) in (0..).zip(files) {
        let report = pass.file(number, file, listeners)?;
        pass.reports.push(report);
    }
    for (place, remark) in listeners.end.as_mut().map_or(vec![], |end| end()) {
        let label = pass.labels.get(place.file as usize).map(String::as_str);
        pass.findings.stand(label, Some(place.line));
        pass.remark(remark);
    }
    Ok(pass.finish())
}

struct Pass<'a> {
    settings: &'a LintSettings,
    labels: Vec<String>,
    reports: Vec<FileReport>,
    findings: Findings,
    columns: Columns,
    balance: Balance,
    bias: Bias,
    seen: Seen,
    tokens: Tokens,
}

/// The file at hand.
struct Current<'a> {
    number: u32,
    path: &'a Path,
    label: &'a str,
    is_json: bool,
    is_typed: bool,
    layout: Option<Layout>,
}

impl<'a> Pass<'a> {
    fn new(files: &[LintFile], settings: &'a LintSettings) -> Self {
        Self {
            settings,
            labels: files.iter().map(|file| file.label.clone()).collect(),
            reports: vec![],
            findings: Findings::new(settings.selection.clone(), settings.max_places),
            columns: Columns::default(),
            balance: Balance::default(),
            bias: Bias::default(),
            seen: Seen::new(settings.compared_rows),
            tokens: Tokens::default(),
        }
    }

    fn file(
        &mut self,
        number: u32,
        file: &LintFile,
        listeners: &mut Listeners<'_>,
    ) -> Result<FileReport, Error> {
        self.findings.stand(Some(&file.label), None);
        if let Some(target) = self.settings.target {
            names::check(file, target, &mut self.findings);
        }
        let Some(raw) = RawFile::open(&file.path, &file.label, self.settings.max_row_bytes)? else {
            self.findings.add(&E08, None, "nothing in it");
            return Ok(FileReport::new(&file.label, None, Compression::None));
        };
        self.whole(&raw, file)?;
        let mut current = Current {
            number,
            path: Path::new(&file.label),
            label: &file.label,
            is_json: raw.is_json(),
            is_typed: raw.is_json() || raw.format() == Format::Parquet,
            layout: None,
        };
        let mut report = FileReport::new(&file.label, Some(raw.format()), raw.compression());
        let mut rows = raw.rows()?;
        for row in rows.by_ref() {
            report.rows += 1;
            self.row(row, &mut current, listeners);
        }
        self.marks(&file.label, rows.marks());
        self.findings.stand(Some(&file.label), None);
        if report.rows == 0 {
            self.findings.add(&E08, None, "no row in it");
        }
        report.shape = current.layout.map_or(Shape::Unknown, |layout| layout.shape).name();
        Ok(report)
    }

    /// Checks what concerns a whole file.
    fn whole(&mut self, raw: &RawFile, file: &LintFile) -> Result<(), Error> {
        if raw.format() == Format::Parquet {
            schema::check(&file.path, &file.label, &mut self.findings)?;
        }
        if raw.has_mark {
            self.findings.stand(Some(&file.label), Some(1));
            self.findings.add_as(
                self.mark_severity(&F01),
                &F01,
                None,
                "the file starts with a byte order mark",
            );
        }
        Ok(())
    }

    fn marks(&mut self, label: &str, marks: Marks) {
        let mut add = |check, mark: Mark, severity, what: &str| {
            if let Some(first) = mark.first {
                self.findings.stand(Some(label), Some(first));
                self.findings.add_as(severity, check, None, format!("{} {what}, the first here", mark.count));
            }
        };
        let severity = mark_severity(self.settings.target, &F02);
        add(&F02, marks.blank, severity, if marks.blank.count == 1 { "blank line" } else { "blank lines" });
        add(&F03, marks.crlf, F03.severity, if marks.crlf.count == 1 { "such line" } else { "such lines" });
    }

    fn mark_severity(&self, check: &Check) -> Severity {
        mark_severity(self.settings.target, check)
    }

    fn row(&mut self, row: RawRow, current: &mut Current<'_>, listeners: &mut Listeners<'_>) {
        self.findings.stand(Some(current.label), Some(row.line));
        let at = At { place: Place { file: current.number, line: row.line }, offset: row.offset };
        let fields = match row.content {
            Content::Fields(fields) => fields,
            Content::Twice(fields, fault) => {
                self.fault(&E04, fault);
                fields
            }
            Content::Broken(fault) => return self.fault(broken(&fault), fault),
        };
        if current.is_json {
            self.columns.read(&fields, &at);
        }
        let layout = current.layout.get_or_insert_with(|| Layout::detect(&fields));
        let parts = Parts::of(&fields, layout);
        let target = self.settings.target;
        let is_typed = current.is_typed;
        rows::check(&Row { fields: &fields, layout, parts: &parts, target, is_typed }, &mut self.findings);
        self.dataset(&fields, layout, &parts, &at.place, current.path);
        if let Some(count) = &mut listeners.tokens {
            self.tokens.read(&parts, self.settings.max_tokens, *count, &mut self.findings);
        }
        if let Some(rows) = &mut listeners.rows {
            rows(&at.place, &parts).into_iter().for_each(|remark| self.remark(remark));
        }
    }

    fn remark(&mut self, remark: Remark) {
        self.findings.add(remark.check, remark.field, remark.message);
    }

    /// Lets those see the row who judge the dataset as a whole.
    fn dataset(&mut self, fields: &Fields, layout: &Layout, parts: &Parts, place: &Place, path: &Path) {
        self.balance.read(fields, layout);
        self.bias.read(parts);
        let sight = Sight { fields, layout, parts, place, part: Part::of(fields, path) };
        self.seen.read(&sight, &self.labels, &mut self.findings);
    }

    fn fault(&mut self, check: &'static Check, fault: Fault) {
        let column = match &fault.problem {
            RowProblem::Json { column, .. } => Some(*column),
            RowProblem::NotUtf8 { at } => Some(*at),
            _ => None,
        };
        self.findings.add_at(check.severity, check, column, fault.field, &fault.problem.to_string());
    }

    fn finish(mut self) -> Report {
        let guesses_types = self.settings.target.is_none_or(|target| target.reader == Reader::Datasets);
        if guesses_types {
            self.columns.report(&self.labels, &mut self.findings);
        }
        self.balance.report(&mut self.findings);
        self.bias.report(&mut self.findings);
        self.seen.report(&self.labels, &mut self.findings);
        let figures = Figures {
            prompts: self.seen.prompts(),
            pairs: self.bias.figures(),
            labels: self.balance.rows(),
            steps: self.balance.steps(),
            tokens: self.tokens.figures(self.settings.max_tokens),
            repeated: self.seen.repeated(),
            rows_not_compared: self.seen.left_out(),
        };
        let (groups, totals) = self.findings.finish(&self.labels);
        let target = self.settings.target.map(|target| target.name);
        Report { target, files: self.reports, groups, totals, figures }
    }
}

/// Readers of lines stop at what others forgive.
fn mark_severity(target: Option<&Target>, check: &Check) -> Severity {
    match target {
        Some(target) if target.reader == Reader::Lines => Severity::Error,
        _ => check.severity,
    }
}

/// Tells which check a row that cannot be read is a finding of.
fn broken(fault: &Fault) -> &'static Check {
    match &fault.problem {
        RowProblem::NotUtf8 { .. } => &E03,
        RowProblem::Json { what, .. } if what.contains("surrogate") => &E03,
        RowProblem::Json { what, .. } if what.ends_with("stands twice") => &E04,
        _ => &E15,
    }
}
