//! What a file is, found from its content: the extension only breaks ties.

use std::fmt;
use std::path::Path;

/// How rows are laid out in a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// One JSON object a line.
    Jsonl,
    /// A JSON list of objects, or objects one after the other over any number of lines.
    Json,
    /// Cells between commas or semicolons, under a header.
    Csv,
    /// Cells between tabs, under a header.
    Tsv,
    /// Columns.
    Parquet,
}

/// What the file is packed with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Compression {
    /// Nothing.
    None,
    /// gzip, of one or more members.
    Gzip,
    /// Zstandard, of one or more frames.
    Zstd,
}

/// What the start of a file tells of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Sniffed {
    Text(Format),
    /// The text, in cells between this byte.
    Cells(Format, u8),
    Blank,
    Binary,
    Utf16,
    Parquet,
    Zip,
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Format::Jsonl => "JSONL",
            Format::Json => "JSON",
            Format::Csv => "CSV",
            Format::Tsv => "TSV",
            Format::Parquet => "Parquet",
        })
    }
}

impl Compression {
    /// Returns the name that people use; None if there is none.
    pub fn name(self) -> Option<&'static str> {
        match self {
            Compression::None => None,
            Compression::Gzip => Some("gzip"),
            Compression::Zstd => Some("zstd"),
        }
    }

    /// Tells the compression from the first bytes of a file.
    pub(crate) fn of(magic: &[u8]) -> Self {
        match magic {
            [0x1f, 0x8b, ..] => Compression::Gzip,
            [0x28, 0xb5, 0x2f, 0xfd, ..] => Compression::Zstd,
            // A skippable frame, which parallel writers of zstd put first.
            [0x50..=0x5f, 0x2a, 0x4d, 0x18, ..] => Compression::Zstd,
            _ => Compression::None,
        }
    }
}

/// Tells the format from the first bytes after decompression.
pub(crate) fn sniff(head: &[u8], path: &Path) -> Sniffed {
    if head.starts_with(b"PAR1") {
        return Sniffed::Parquet;
    }
    if head.starts_with(b"PK\x03\x04") {
        return Sniffed::Zip;
    }
    if head.starts_with(&[0xff, 0xfe]) || head.starts_with(&[0xfe, 0xff]) {
        return Sniffed::Utf16;
    }
    let text = head.strip_prefix(b"\xef\xbb\xbf").unwrap_or(head).trim_ascii_start();
    let first_line = text.split(|&b| b == b'\n').next().unwrap_or(text);
    match text.first() {
        None => Sniffed::Blank,
        // Further down, or in what starts like JSON, a NUL is the fault of one row.
        Some(first) if !b"[{".contains(first) && first_line.contains(&0) => Sniffed::Binary,
        Some(b'[') => Sniffed::Text(Format::Json),
        Some(b'{') if is_lines(text) => Sniffed::Text(Format::Jsonl),
        Some(b'{') => Sniffed::Text(Format::Json),
        // A file that says it holds JSON gets an error about its first line rather than about a header.
        Some(_) if matches!(extension(path).as_str(), "jsonl" | "ndjson" | "json") => {
            Sniffed::Text(Format::Jsonl)
        }
        Some(_) => cells(text, path),
    }
}

/// Returns the last extension in lower case, looking through `.gz` and `.zst`.
fn extension(path: &Path) -> String {
    let lower = path.file_name().map(|name| name.to_string_lossy().to_lowercase()).unwrap_or_default();
    let inner =
        [".gz", ".gzip", ".zst", ".zstd"].iter().find_map(|end| lower.strip_suffix(end)).unwrap_or(&lower);
    inner.rsplit_once('.').map_or(String::new(), |(_, extension)| extension.into())
}

/// Tells whether `text`, which starts with `{`, is one object a line rather than objects over many lines.
///
/// The first line decides: it holds one whole object, or it is broken, and then the next line starts a new one.
fn is_lines(text: &[u8]) -> bool {
    let end = text.iter().position(|&b| b == b'\n').unwrap_or(text.len());
    let (line, rest) = (text[..end].trim_ascii_end(), text[end..].trim_ascii_start());
    match object_end(line) {
        ObjectEnd::At(at) => {
            line.get(at) != Some(&b'{') && line[at..].trim_ascii_start().first() != Some(&b'{')
        }
        // No line of a pretty-printed document ends inside a string; a head without any line end tells nothing.
        ObjectEnd::InString => true,
        ObjectEnd::Open if rest.is_empty() => end == text.len(),
        ObjectEnd::Open => rest.first() == Some(&b'{') && !matches!(line.last(), Some(b':' | b'[' | b',')),
    }
}

enum ObjectEnd {
    /// One past the brace that closes the first object.
    At(usize),
    InString,
    Open,
}

fn object_end(line: &[u8]) -> ObjectEnd {
    let (mut depth, mut in_string, mut escaped) = (0usize, false, false);
    for (at, &byte) in line.iter().enumerate() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if in_string => escaped = true,
            b'"' => in_string = !in_string,
            _ if in_string => {}
            b'{' | b'[' => depth += 1,
            b'}' | b']' if depth <= 1 => return ObjectEnd::At(at + 1),
            b'}' | b']' => depth -= 1,
            _ => {}
        }
    }
    if in_string { ObjectEnd::InString } else { ObjectEnd::Open }
}

/// Tells what stands between the cells: the separator that the header has most of.
fn cells(text: &[u8], path: &Path) -> Sniffed {
    let header = text.split(|&b| b == b'\n').next().unwrap_or(text);
    let count = |separator: u8| header.iter().filter(|&&b| b == separator).count();
    if extension(path) == "tsv" || count(b'\t') > count(b',').max(count(b';')) {
        return Sniffed::Cells(Format::Tsv, b'\t');
    }
    Sniffed::Cells(Format::Csv, if count(b';') > count(b',') { b';' } else { b',' })
}

#[cfg(test)]
mod tests;
