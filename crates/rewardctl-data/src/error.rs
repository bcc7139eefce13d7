//! Why a whole file cannot be read or written.

use std::io;
use std::path::{Path, PathBuf};

use crate::row_error::RowError;

/// What errors call stdout.
pub const STDOUT: &str = "stdout";

/// Why a file cannot be read or written.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// No such file.
    #[error("`{path}` does not exist", path = path.display())]
    NotFound {
        /// The file.
        path: PathBuf,
    },
    /// A folder where a file should be.
    #[error("`{path}` is a folder, not a file", path = path.display())]
    Folder {
        /// The folder.
        path: PathBuf,
    },
    /// Something that can be read only once.
    #[error("`{path}` is a pipe or a device, not a file", path = path.display())]
    Pipe {
        /// The pipe.
        path: PathBuf,
    },
    /// The system refuses, or the compressed data are damaged.
    #[error("failed to read `{path}`", path = path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// Nothing in it but blanks.
    #[error("`{path}` is empty", path = path.display())]
    Empty {
        /// The file.
        path: PathBuf,
    },
    /// A header or a list, and no row.
    #[error("`{path}` has no row", path = path.display())]
    NoRow {
        /// The file.
        path: PathBuf,
    },
    /// Not one row that can be read.
    #[error("no row of `{path}` can be read", path = path.display())]
    NoReadableRow {
        /// The file.
        path: PathBuf,
        /// What is wrong with the first one.
        source: Box<RowError>,
    },
    /// Neither text nor Parquet.
    #[error("`{path}` is neither JSON, CSV nor Parquet", path = path.display())]
    Binary {
        /// The file.
        path: PathBuf,
    },
    /// Text in an encoding that is not UTF-8.
    #[error("`{path}` is UTF-16 text, and only UTF-8 is read", path = path.display())]
    Utf16 {
        /// The file.
        path: PathBuf,
    },
    /// Parquet inside gzip or zstd.
    #[error("`{path}` is a Parquet file inside another compression", path = path.display())]
    PackedParquet {
        /// The file.
        path: PathBuf,
    },
    /// Cut off in the middle of the compressed data.
    #[error("`{path}` ends in the middle of its {compression} data", path = path.display())]
    Truncated {
        /// The file.
        path: PathBuf,
        /// `gzip` or `zstd`.
        compression: &'static str,
    },
    /// Cut off or damaged.
    #[error("`{path}` is cut off or is no valid Parquet file", path = path.display())]
    Parquet {
        /// The file.
        path: PathBuf,
        /// What the decoder says.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// A Parquet file packed with what this program does not unpack.
    #[error("`{path}` is a Parquet file packed with {codec}, which is not read", path = path.display())]
    Codec {
        /// The file.
        path: PathBuf,
        /// Such as `brotli`.
        codec: &'static str,
    },
    /// A header that does not name the columns.
    #[error("`{path}:{line}`: {problem}", path = path.display())]
    Header {
        /// The file.
        path: PathBuf,
        /// The 1-based line of the header.
        line: u64,
        /// What is wrong.
        problem: HeaderProblem,
    },
    /// A field that the user named is in none of the rows looked at.
    #[error("`{path}:{line}` has no field `{field}`, only {}", list(fields), path = path.display())]
    NoField {
        /// The file.
        path: PathBuf,
        /// The first row.
        line: u64,
        /// The name given.
        field: String,
        /// What there is.
        fields: Vec<String>,
    },
    /// No prompt with a response.
    #[error("`{path}:{line}` has no prompt with a response: its fields are {}", list(fields), path = path.display())]
    NoShape {
        /// The file.
        path: PathBuf,
        /// The first row.
        line: u64,
        /// What there is.
        fields: Vec<String>,
    },
    /// No prompt, where one would be enough.
    #[error("`{path}:{line}` has no prompt: its fields are {}", list(fields), path = path.display())]
    NoPrompt {
        /// The file.
        path: PathBuf,
        /// The first row.
        line: u64,
        /// What there is.
        fields: Vec<String>,
    },
    /// A file that only goes with another one.
    #[error("`{path}` has no responses: it is {what}", path = path.display())]
    NoResponses {
        /// The file.
        path: PathBuf,
        /// What it is.
        what: String,
        /// The way out.
        hint: &'static str,
    },
    /// More rows for others to look up than memory is meant for.
    #[error("`{path}` holds more than 256 MiB of rows that others need", path = path.display())]
    TooManyToJoin {
        /// The file.
        path: PathBuf,
    },
    /// A ZIP archive, such as Inspect writes.
    #[error("`{path}` is a ZIP archive", path = path.display())]
    Zip {
        /// The file.
        path: PathBuf,
    },
    /// A file name that does not say the format.
    #[error("the name `{path}` does not say the format", path = path.display())]
    UnknownExtension {
        /// The file.
        path: PathBuf,
    },
    /// An export that its trainer could not load.
    #[error(transparent)]
    Refused(#[from] crate::export::refused::Refused),
    /// The system refuses: no such folder, disk full, pipe closed.
    #[error("failed to write `{path}`", path = path.display())]
    Write {
        /// The file, or `stdout`.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// A temporary file that cannot be written or read again.
    #[error("failed to keep texts in a temporary file in `{folder}`", folder = folder.display())]
    Temporary {
        /// The folder.
        folder: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// More texts than their numbers can tell apart.
    #[error("there are more than {limit} texts to compare")]
    TooManyTexts {
        /// The most there may be.
        limit: u32,
    },
}

/// What is wrong with the header of a CSV file.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum HeaderProblem {
    /// No column has a name.
    #[error("the header names no column")]
    Missing,
    /// The same name twice.
    #[error("the header names `{0}` twice")]
    Twice(String),
    /// Bytes that are not text, an open quote, a header without end.
    #[error("the header cannot be read: {0}")]
    Unreadable(crate::row_error::RowProblem),
}

impl Error {
    /// Returns a closure that says that a temporary file in `folder` failed.
    pub(crate) fn temporary(folder: &Path) -> impl Fn(io::Error) -> Self {
        move |source| Error::Temporary { folder: folder.into(), source }
    }

    /// Tells whether the reader of stdout went away, which is no fault.
    pub fn is_broken_pipe(&self) -> bool {
        matches!(self, Error::Write { path, source }
            if path == Path::new(STDOUT) && source.kind() == io::ErrorKind::BrokenPipe)
    }

    /// Returns the way out.
    pub fn hint(&self) -> &'static str {
        match self {
            Error::NotFound { .. } => "check the name; a relative one starts from the folder that you are in",
            Error::Folder { .. } => "name the files in it, such as `FOLDER/*.jsonl`",
            Error::Pipe { .. } => "`-` reads stdin: pipe it in, or redirect it with `<`",
            Error::Read { source, .. } => read_hint(source.kind()),
            Error::Empty { .. } | Error::NoRow { .. } => "a file needs at least one row",
            Error::NoReadableRow { .. } => "mend the file: docs/formats.md says what a row looks like",
            Error::Binary { .. } => "docs/formats.md lists the formats that are read, plain, gzip or zstd",
            Error::Utf16 { .. } => "save it as UTF-8",
            Error::PackedParquet { .. } => "unpack it first: Parquet is compressed inside",
            Error::Truncated { .. } | Error::Parquet { .. } => {
                "fetch it or make it again: a part of it is lost"
            }
            Error::Codec { .. } => "write it again with zstd or snappy, or export it as JSONL",
            Error::Header { .. } => "the first line must name every column, each once",
            Error::NoField { .. } => "name one of these with the flag",
            Error::NoShape { .. } => {
                "name the fields with `--prompt-field` and `--response-field` (or `--responses-field`, \
                 `--messages-field`, `--chosen-field` and `--rejected-field`); \
                 for prompts alone, `rewardctl sample FILE` draws responses"
            }
            Error::NoPrompt { .. } => "name its field with `--prompt-field` or `--messages-field`",
            Error::NoResponses { hint, .. } => hint,
            Error::TooManyToJoin { .. } => {
                "split the files that go together into parts, and read part by part"
            }
            Error::Zip { .. } => {
                "an Inspect log becomes JSON with `inspect log convert FILE --to json --output-dir FOLDER`; \
                 unpack any other archive"
            }
            Error::UnknownExtension { .. } => {
                "use `.jsonl`, `.json`, `.csv` or `.parquet`, or say it with `--format`"
            }
            Error::Refused(refused) => refused.hint(),
            Error::Write { source, .. } => write_hint(source.kind()),
            Error::Temporary { .. } => {
                "it takes about the room of the texts: make some there, or name another folder with `TMPDIR`"
            }
            Error::TooManyTexts { .. } => "compare them in parts",
        }
    }
}

fn read_hint(kind: io::ErrorKind) -> &'static str {
    match kind {
        io::ErrorKind::PermissionDenied => "`chmod +r` lets it be read, if it is yours",
        _ => "fetch it or make it again: it is damaged, or its disk is",
    }
}

fn write_hint(kind: io::ErrorKind) -> &'static str {
    match kind {
        io::ErrorKind::NotFound => "make the folder first: `mkdir -p`",
        io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => {
            "name a folder that you may write to"
        }
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => {
            "make room on the disk, or name a file on another one"
        }
        _ => "name another place",
    }
}

/// Returns the names as a sentence holds them; many names are cut short.
fn list(names: &[String]) -> String {
    const SHOWN: usize = 20;
    let mut shown: Vec<String> =
        names.iter().take(SHOWN).map(|name| format!("`{}`", crate::row_error::quoted(name))).collect();
    if names.len() > SHOWN {
        shown.push(format!("{} more", names.len() - SHOWN));
    }
    if shown.is_empty() { "none".into() } else { shown.join(", ") }
}
