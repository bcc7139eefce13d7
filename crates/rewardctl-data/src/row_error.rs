//! Why one row cannot be used; the rows after it usually can.

use std::fmt;

use crate::fields::Role;

/// The most characters of an untrusted text that a message quotes.
const QUOTED_CHARS: usize = 60;

/// Why one row cannot be used, with the file and the line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RowError {
    /// The file, as the user named it.
    pub file: String,
    /// The 1-based line of the row; the record's number for Parquet.
    pub line: u64,
    /// The field, where one is at fault; a path such as `responses[2].text`.
    pub field: Option<String>,
    /// What is wrong.
    pub problem: RowProblem,
    /// What the field is for, where one is at fault: the hint names the flag.
    pub role: Option<Role>,
}

/// What is wrong with a row.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RowProblem {
    /// The text is not JSON, or not JSON that every reader understands alike.
    #[error("not valid JSON at column {column}: {what}")]
    Json {
        /// The 1-based column, in bytes.
        column: u64,
        /// What the parser says.
        what: String,
    },
    /// Bytes that are not text.
    #[error("not valid UTF-8 from byte {at} on")]
    NotUtf8 {
        /// The 1-based place in the row.
        at: u64,
    },
    /// More bytes than allowed.
    #[error("longer than the {limit} bytes that a row may have")]
    TooLong {
        /// The limit.
        limit: usize,
    },
    /// Lists in lists in lists.
    #[error("nested too deeply")]
    TooDeep,
    /// More numbers, texts, lists and objects than a row of prompts and responses has.
    #[error("holds more than {limit} values")]
    TooManyValues {
        /// The limit.
        limit: usize,
    },
    /// The wrong kind of value.
    #[error("expected {expected}, found {found}")]
    Kind {
        /// What should be there.
        expected: &'static str,
        /// What is there.
        found: &'static str,
    },
    /// Not there, or null.
    #[error("missing")]
    Missing,
    /// A prompt without text, a list without responses.
    #[error("empty")]
    Empty,
    /// A conversation that starts with the response.
    #[error("holds no turn before the response")]
    NoPrompt,
    /// A raw control character.
    #[error("holds a raw NUL")]
    Nul,
    /// A part of a message that is not text.
    #[error("holds a part of type `{kind}`, and only text can be judged")]
    Part {
        /// The type as given.
        kind: String,
    },
    /// Another number of names than of responses.
    #[error("names {} for {}", counted(*found, "model"), counted(*expected, "response"))]
    ModelCount {
        /// The number of responses.
        expected: usize,
        /// The number of names.
        found: usize,
    },
    /// A conversation that ends before the model speaks.
    #[error("does not end with a turn of the assistant but of `{role}`")]
    LastTurn {
        /// Who has the last turn.
        role: String,
    },
    /// Two conversations with more than their last turn apart.
    #[error("the two conversations differ before their last turn")]
    Diverged,
    /// A row with more or fewer cells than the header.
    #[error("{} under a header of {}", counted(*found, "cell"), counted(*expected, "column"))]
    CellCount {
        /// The columns of the header.
        expected: usize,
        /// The cells of the row.
        found: usize,
    },
    /// Text right after a closing quote.
    #[error("text follows the closing quote of cell {cell}")]
    AfterQuote {
        /// The 1-based number of the cell.
        cell: usize,
    },
    /// The end of the file, inside quotes.
    #[error("the quote that opens cell {cell} never closes")]
    OpenQuote {
        /// The 1-based number of the cell.
        cell: usize,
    },
    /// A key that nobody reads.
    #[error("unknown{}", nearest.as_ref().map_or(String::new(), |key| format!("; did you mean `{key}`?")))]
    UnknownKey {
        /// The known key that looks most like it.
        nearest: Option<&'static str>,
    },
    /// A text or number that means nothing here.
    #[error("`{value}` is not {expected}")]
    Value {
        /// What is there.
        value: String,
        /// What is allowed.
        expected: &'static str,
    },
    /// A comparison of a response with itself.
    #[error("the same response as `a`")]
    SameResponse,
    /// A rating off its scale, or a scale that is none.
    #[error("{0}")]
    OffScale(String),
    /// A reply, a log or a trace without a response.
    #[error("holds no response: {what}")]
    NoAnswer {
        /// What is there instead.
        what: String,
    },
    /// A row that goes with another one, which no file has.
    #[error("no file has the {what} `{key}`")]
    Unjoined {
        /// What is missing.
        what: &'static str,
        /// Its name.
        key: String,
    },
    /// The file cannot be read further: damaged, cut off, or a broken list.
    #[error("{what}; what follows cannot be read")]
    Stopped {
        /// What happened.
        what: String,
    },
}

/// The way out that every row has.
pub const SKIP: &str = "`--on-bad-row skip` leaves such rows out";

impl RowError {
    /// Tells whether no row follows because the rest of the file cannot be read: never skip this one in silence.
    pub fn ends_file(&self) -> bool {
        matches!(self.problem, RowProblem::Stopped { .. } | RowProblem::OpenQuote { .. })
    }

    /// Returns the way out.
    pub fn hint(&self) -> String {
        if self.ends_file() {
            return "mend the file, or make it again: the rows after this place would be lost".into();
        }
        let skip = SKIP;
        let sample = match (&self.problem, self.role) {
            (RowProblem::Missing | RowProblem::Empty, Some(Role::Response | Role::Responses))
            | (RowProblem::LastTurn { .. }, Some(Role::Messages)) => {
                "; `rewardctl sample FILE` draws responses to prompts alone"
            }
            _ => "",
        };
        match (&self.problem, self.role) {
            (RowProblem::TooLong { .. }, _) => format!("`input.max-row-mib` raises the limit; {skip}"),
            (RowProblem::Unjoined { what, .. }, _) => {
                format!(
                    "name the file that has it too, such as `rewardctl score FILE OTHER`: it has the {what}; {skip}"
                )
            }
            (RowProblem::OffScale(_), _) => {
                format!("`--scale MIN..MAX` says the scale of ratings whose file does not; {skip}")
            }
            (_, Some(role)) => format!("`{} NAME` names another field; {skip}{sample}", role.flag()),
            (_, None) => skip.into(),
        }
    }
}

impl fmt::Display for RowError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: ", self.file, self.line)?;
        if let Some(field) = &self.field {
            write!(f, "field `{}`: ", quoted(field))?;
        }
        write!(f, "{}", self.problem)
    }
}

impl std::error::Error for RowError {}

/// What is wrong with which field; the reader adds the file and the line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Fault {
    pub field: Option<String>,
    pub role: Option<Role>,
    pub problem: RowProblem,
}

impl Fault {
    pub(crate) fn at(self, file: &str, line: u64) -> RowError {
        RowError { file: file.into(), line, field: self.field, problem: self.problem, role: self.role }
    }

    pub(crate) fn of_field(field: impl Into<String>, problem: RowProblem) -> Self {
        Self { field: Some(field.into()), role: None, problem }
    }

    pub(crate) fn with_role(self, role: Role) -> Self {
        Self { role: Some(role), ..self }
    }
}

impl From<RowProblem> for Fault {
    fn from(problem: RowProblem) -> Self {
        Self { field: None, role: None, problem }
    }
}

fn counted(count: usize, what: &str) -> String {
    if count == 1 { format!("1 {what}") } else { format!("{count} {what}s") }
}

/// Returns untrusted text as a message may show it: short, and without control characters.
pub(crate) fn quoted(text: &str) -> String {
    let mut shown: String =
        text.chars().take(QUOTED_CHARS).map(|c| if c.is_control() { ' ' } else { c }).collect();
    if text.chars().nth(QUOTED_CHARS).is_some() {
        shown.push('…');
    }
    shown
}
