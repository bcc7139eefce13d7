//! A file that its first bytes have told the format of, ready to be read from its start.

use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use crate::compressed::{self, Stream};
use crate::delimited::Cells;
use crate::elements::Elements;
use crate::error::Error;
use crate::fields::ReadSettings;
use crate::format::{Compression, Format, Sniffed, sniff};
use crate::lines::Lines;
use crate::parquet_read::ParquetRows;
use crate::records::Records;

/// How much of a file its format is told from.
const HEAD_BYTES: u64 = 64 << 10;

/// What it takes to read a file from its start.
#[derive(Debug, Clone)]
pub(crate) struct Source {
    pub path: PathBuf,
    /// The file, as messages name it.
    pub label: PathBuf,
    pub format: Format,
    pub compression: Compression,
    /// The byte between cells, for CSV and TSV.
    pub separator: u8,
    pub settings: ReadSettings,
}

impl Source {
    /// Tells what the file is from its first bytes.
    pub(crate) fn open(path: &Path, label: &str, settings: &ReadSettings) -> Result<Self, Error> {
        let label = PathBuf::from(label);
        let failed = |source: io::Error| Error::Read { path: label.clone(), source };
        match fs::metadata(path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                return Err(Error::NotFound { path: label });
            }
            Err(error) => return Err(failed(error)),
            Ok(metadata) if metadata.is_dir() => return Err(Error::Folder { path: label }),
            Ok(metadata) if !metadata.is_file() => return Err(Error::Pipe { path: label }),
            Ok(_) => {}
        }
        let compression =
            File::open(path).and_then(|mut file| compressed::detect(&mut file)).map_err(failed)?;
        let mut head = vec![];
        let read =
            compressed::open(path, compression).and_then(|s| s.take(HEAD_BYTES).read_to_end(&mut head));
        match (read, compression.name()) {
            (Err(error), Some(compression)) if error.kind() == io::ErrorKind::UnexpectedEof => {
                return Err(Error::Truncated { path: label, compression });
            }
            (Err(error), _) => return Err(failed(error)),
            (Ok(_), _) => {}
        }
        let (format, separator) = match sniff(&head, path) {
            Sniffed::Text(format) => (format, b','),
            Sniffed::Cells(format, separator) => (format, separator),
            Sniffed::Parquet if compression == Compression::None => (Format::Parquet, b','),
            Sniffed::Parquet => return Err(Error::PackedParquet { path: label }),
            Sniffed::Blank => return Err(Error::Empty { path: label }),
            Sniffed::Binary => return Err(Error::Binary { path: label }),
            Sniffed::Zip => return Err(Error::Zip { path: label }),
            Sniffed::Utf16 => return Err(Error::Utf16 { path: label }),
        };
        Ok(Self { path: path.into(), label, format, compression, separator, settings: settings.clone() })
    }

    /// Reads the records, from the first.
    pub(crate) fn records(&self) -> Result<Records, Error> {
        let limit = self.settings.max_row_bytes;
        Ok(match self.format {
            Format::Jsonl => Records::Lines(Lines::new(self.stream()?, limit)),
            Format::Json => Records::Elements(Elements::new(self.stream()?, limit)),
            Format::Csv | Format::Tsv => Records::Cells(Cells::new(self.stream()?, self)?),
            Format::Parquet => Records::Parquet(Box::new(ParquetRows::open(&self.path, &self.label, limit)?)),
        })
    }

    /// Opens the text inside of the compression.
    pub(crate) fn stream(&self) -> Result<Stream, Error> {
        let opened = compressed::open(&self.path, self.compression).and_then(|mut stream| {
            compressed::skip_mark(&mut stream)?;
            Ok(stream)
        });
        opened.map_err(|source| Error::Read { path: self.label.clone(), source })
    }
}
