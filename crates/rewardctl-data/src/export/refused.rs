//! What an export refuses before it writes anything, and why.

use std::path::PathBuf;

use rewardctl_core::dataset::Kind;

/// Why an export is refused.
#[derive(Debug, thiserror::Error)]
pub enum Refused {
    /// A dataset that the target cannot be fed with.
    #[error("{target} cannot be made of this dataset of kind {kind}; these can: {able}")]
    Kind {
        /// The target asked for.
        target: String,
        /// The dataset's kind.
        kind: Kind,
        /// The names of the targets that take it.
        able: String,
    },
    /// A name that no target has.
    #[error("there is no target `{0}`")]
    Unknown(String),
    /// A format that the loader does not read.
    #[error("{target} reads {formats}, not {asked}")]
    Format {
        /// The target.
        target: String,
        /// The formats that it reads.
        formats: String,
        /// What was asked for.
        asked: String,
    },
    /// A name for a file that says another format than the flag.
    #[error("`{path}` is named .{named}, and `--format` says {asked}", path = path.display())]
    Named {
        /// The name.
        path: PathBuf,
        /// What it says.
        named: &'static str,
        /// What was asked for.
        asked: &'static str,
    },
    /// A name for a file that does not say its format.
    #[error("training data are written to .jsonl or .parquet, and `{path}` is neither", path = path.display())]
    Extension {
        /// The name.
        path: PathBuf,
    },
    /// gzip or zstd where the loader reads neither, or of what is packed inside.
    #[error("{target} reads no packed files of this format")]
    Packed {
        /// The target.
        target: String,
    },
    /// Several files where the loader takes one.
    #[error("{target} takes one file, not shards")]
    Sharded {
        /// The target.
        target: String,
    },
    /// Columns where the loader takes none but its own.
    #[error("{target} refuses columns that it does not know")]
    MoreColumns {
        /// The target.
        target: String,
    },
    /// Strengths where the loader has no use for them.
    #[error("{target} has no column for strengths")]
    Strengths {
        /// The target.
        target: String,
    },
    /// A folder, or shards, on stdout.
    #[error("stdout takes one file of JSONL")]
    Stdout,
    /// A folder asked for by the name of a file.
    #[error("{target} is a folder, and `{path}` names a file", path = path.display())]
    FileName {
        /// The target.
        target: String,
        /// The name.
        path: PathBuf,
    },
    /// A card of a dataset that a person wrote or changed since the last export.
    #[error("`{path}` was written or changed by hand, and the export would replace it", path = path.display())]
    ChangedCard {
        /// The card.
        path: PathBuf,
    },
    /// A folder with files that no export wrote.
    #[error("`{folder}` holds `{name}`, which no export of this target writes", folder = folder.display())]
    Occupied {
        /// The folder.
        folder: PathBuf,
        /// One of the files.
        name: String,
    },
    /// A path that the loader would cut in pieces.
    #[error("{target} cuts paths at `,` and `@`, and `{path}` has one", path = path.display())]
    Path {
        /// The target.
        target: String,
        /// The path.
        path: PathBuf,
    },
    /// A column that would be read as times.
    #[error("the texts of `{column}` are all dates for a stretch of `{path}`, and loaders of JSONL would make times of them", path = path.display())]
    Dates {
        /// The column.
        column: String,
        /// The file.
        path: PathBuf,
    },
}

impl Refused {
    /// Returns the way out.
    pub fn hint(&self) -> &'static str {
        match self {
            Self::Kind { .. } => "name one of these, or `build` a dataset of another kind",
            Self::Unknown(_) => "`rewardctl export --help` lists them",
            Self::Format { .. } | Self::Named { .. } | Self::Extension { .. } => {
                "`-o NAME.jsonl` or `-o NAME.parquet`, or `-o -` for JSONL on stdout"
            }
            Self::Packed { .. } => "leave out `.gz` or `.zst`",
            Self::Sharded { .. } => "leave out `--shards` and `--shard-rows`",
            Self::MoreColumns { .. } => {
                "leave out `--with-metadata`: what is known of each row stands in the file beside"
            }
            Self::Strengths { .. } => {
                "leave out `--strength-columns`: what is known of each row stands in the file beside"
            }
            Self::Stdout => "write to a file or a folder",
            Self::FileName { .. } => "name a folder",
            Self::ChangedCard { .. } => "name another folder, or move the card away and put it back",
            Self::Occupied { .. } => "name another folder, or empty this one",
            Self::Path { .. } => "write to a path without them",
            Self::Dates { .. } => "`--format parquet` says what is text",
        }
    }
}
