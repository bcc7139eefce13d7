//! What was found, where, and how often; places are kept up to a limit, counts always.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::lint::check::{Check, Severity};
use crate::lint::selection::Selection;
use crate::row_error::quoted;

/// One finding.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// The check's code.
    pub code: &'static str,
    /// How bad it is here.
    pub severity: Severity,
    /// The file, as the user named it; None where all files are meant.
    pub file: Option<String>,
    /// The 1-based line of the row, or the record's number for Parquet; None where the whole file is meant.
    pub line: Option<u64>,
    /// The 1-based byte in the line, where a syntax error has one.
    pub column: Option<u64>,
    /// The field at fault; a path such as `chosen[1].content`.
    pub field: Option<String>,
    /// What is there, in one line without control characters.
    pub message: String,
}

/// The findings of one check.
#[derive(Debug, Clone, Serialize)]
pub struct Group {
    /// The check.
    pub check: &'static Check,
    /// How many findings there are, listed or not.
    pub count: u64,
    /// The worst of them.
    pub worst: Severity,
    /// The first of them.
    pub places: Vec<Finding>,
}

/// How many findings there are of each severity.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Totals {
    /// Findings that are errors.
    pub errors: u64,
    /// Findings that are warnings.
    pub warnings: u64,
    /// Findings that are notes.
    pub notes: u64,
}

/// Findings as they come in.
#[derive(Debug)]
pub struct Findings {
    groups: BTreeMap<&'static str, Group>,
    totals: Totals,
    selection: Selection,
    most: usize,
    /// Where the pass stands.
    file: Option<String>,
    line: Option<u64>,
}

/// Where something is.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// The number of the file among those given, from 0.
    pub file: u32,
    /// The 1-based line, or record.
    pub line: u64,
}

impl Findings {
    /// Starts without any; of each check at most `most` places are kept.
    pub fn new(selection: Selection, most: usize) -> Self {
        Self { groups: BTreeMap::new(), totals: Totals::default(), selection, most, file: None, line: None }
    }

    /// Says where the findings to come are.
    pub fn stand(&mut self, file: Option<&str>, line: Option<u64>) {
        if self.file.as_deref() != file {
            self.file = file.map(String::from);
        }
        self.line = line;
    }

    /// Tells whether findings of `check` are wanted at all.
    pub fn wants(&self, check: &Check) -> bool {
        self.selection.wants(check)
    }

    /// Tells whether the user asked for `check` by name.
    pub fn asks_for(&self, check: &Check) -> bool {
        self.selection.names(check)
    }

    /// Adds a finding where the pass stands.
    pub fn add(&mut self, check: &'static Check, field: impl Into<Option<String>>, message: impl AsRef<str>) {
        self.add_as(check.severity, check, field, message);
    }

    /// Adds a finding of another severity than the check's own.
    pub fn add_as(
        &mut self,
        severity: Severity,
        check: &'static Check,
        field: impl Into<Option<String>>,
        message: impl AsRef<str>,
    ) {
        self.add_at(severity, check, None, field.into(), message.as_ref());
    }

    /// Adds a finding with the byte in its line.
    pub fn add_at(
        &mut self,
        severity: Severity,
        check: &'static Check,
        column: Option<u64>,
        field: Option<String>,
        message: &str,
    ) {
        if !self.wants(check) {
            return;
        }
        match severity {
            Severity::Error => self.totals.errors += 1,
            Severity::Warning => self.totals.warnings += 1,
            Severity::Note => self.totals.notes += 1,
        }
        let new = Group { check, count: 0, worst: severity, places: vec![] };
        let group = self.groups.entry(check.code).or_insert(new);
        group.count += 1;
        group.worst = group.worst.min(severity);
        if group.places.len() < self.most {
            group.places.push(Finding {
                code: check.code,
                severity,
                file: self.file.clone(),
                line: self.line,
                column,
                field: field.map(|field| quoted(&field)),
                message: message.chars().map(|c| if c.is_control() { ' ' } else { c }).collect(),
            });
        }
    }

    /// Returns the groups in the order of their codes, each with its places in the order of the files.
    pub fn finish(self, files: &[String]) -> (Vec<Group>, Totals) {
        let order = |finding: &Finding| {
            let file = finding.file.as_ref().and_then(|name| files.iter().position(|file| file == name));
            (file, finding.line)
        };
        let mut groups: Vec<Group> = self.groups.into_values().collect();
        groups.iter_mut().for_each(|group| group.places.sort_by_key(order));
        (groups, self.totals)
    }
}
