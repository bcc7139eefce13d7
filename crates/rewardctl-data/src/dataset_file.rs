//! The rows of a dataset, as `build` writes and `export` reads them: one row a line, packed with zstd.

use std::io::{self, BufRead, Write};
use std::mem::take;
use std::path::{Path, PathBuf};

use rewardctl_core::dataset::{Row, Split};

use crate::atomic::Sink;
use crate::behind::Behind;
use crate::compressed::{Stream, open};
use crate::drafts::Draft;
use crate::error::Error;
use crate::format::Compression;
use crate::row_file::write_json;

/// zstd's fastest ordinary level: hardly larger than at its default, at half of the time.
const LEVEL: i32 = 1;

/// About the bytes of lines that are packed at once.
const LINES_BYTES: usize = 1 << 20;

/// Writes drafts of rows, each into its part, and returns their number; the same rows give the same bytes.
///
/// Without any row there is no file, and what `path` named before stays.
pub fn write_drafts(
    path: &Path,
    rows: impl Iterator<Item = Result<(Draft, Split), Error>>,
) -> Result<u64, Error> {
    let failed = Sink::failed(path);
    let packed = zstd::stream::Encoder::new(Sink::create(path)?, LEVEL).map_err(&failed)?;
    let mut packing = Behind::start(packed, |packed, lines: Vec<u8>| packed.write_all(&lines));
    let (mut count, mut lines) = (0, vec![]);
    for row in rows {
        let (draft, split) = row?;
        draft.write(&mut lines, split).map_err(&failed)?;
        lines.push(b'\n');
        count += 1;
        if lines.len() >= LINES_BYTES {
            packing.send(take(&mut lines)).map_err(&failed)?;
        }
    }
    packing.send(lines).map_err(&failed)?;
    let packed = packing.finish().map_err(&failed)?;
    if count > 0 {
        packed.finish().and_then(Sink::finish).map_err(&failed)?;
    }
    Ok(count)
}

/// Reads the rows of a dataset, one at a time.
pub fn read_rows(path: &Path) -> Result<Rows, Error> {
    let failed = |source| Error::Read { path: path.into(), source };
    let stream = open(path, Compression::Zstd).map_err(failed)?;
    Ok(Rows { path: path.into(), stream, line: String::new() })
}

/// The rows of a dataset.
pub struct Rows {
    path: PathBuf,
    stream: Stream,
    line: String,
}

impl Iterator for Rows {
    type Item = Result<Row, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        self.line.clear();
        let row = match self.stream.read_line(&mut self.line) {
            Ok(0) => return None,
            Ok(_) => serde_json::from_str(&self.line).map_err(io::Error::from),
            Err(source) => Err(source),
        };
        Some(row.map_err(|source| Error::Read { path: self.path.clone(), source }))
    }
}

/// Writes rows and returns their number; the same rows give the same bytes.
///
/// Without any row there is no file, and what `path` named before stays.
pub fn write_rows(path: &Path, rows: impl Iterator<Item = Row>) -> Result<u64, Error> {
    let failed = Sink::failed(path);
    let mut packed = zstd::stream::Encoder::new(Sink::create(path)?, LEVEL).map_err(&failed)?;
    let mut count = 0;
    for row in rows {
        write_json(&mut packed, &row).and_then(|()| packed.write_all(b"\n")).map_err(&failed)?;
        count += 1;
    }
    if count > 0 {
        packed.finish().and_then(Sink::finish).map_err(&failed)?;
    }
    Ok(count)
}

#[cfg(test)]
mod tests {
    use rewardctl_core::dataset::{Example, Provenance, Vouch};
    use rewardctl_core::id::ContentId;
    use rewardctl_core::item::Message;

    use super::*;
    use crate::drafts::{Drafts, PackedDraft};

    fn row(text: &str) -> Row {
        let item = ContentId::of("t", [text.as_bytes()]);
        let provenance = Provenance {
            item,
            responses: vec![item, item],
            generators: vec![None, Some("m".into())],
            source: Vouch::Single,
            annotators: 1,
            probability: Some(0.1 + 0.2),
            margin: None,
            strength: Some(1.0),
            weight: 1.0,
            rewards: vec![None, Some(0.25)],
        };
        let example = Example::Preference { chosen: text.into(), rejected: "\u{2028}\0".into() };
        Row { prompt: vec![Message::user(text)], example, split: Split::Train, provenance }
    }

    #[test]
    fn rows_come_back() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("rows.jsonl.zst");
        let rows = [row("a\r\n"), row("é \u{1f600}")];
        assert_eq!(write_rows(&path, rows.clone().into_iter()).unwrap(), 2);
        let read: Result<Vec<Row>, Error> = read_rows(&path).unwrap().collect();
        assert_eq!(read.unwrap(), rows);
    }

    #[test]
    fn drafts_become_the_same_rows() {
        let folder = tempfile::tempdir().unwrap();
        let rows = [row("a\r\n"), row("é \u{1f600}")];
        let (whole, drafted) = (folder.path().join("a.zst"), folder.path().join("b.zst"));
        write_rows(&whole, rows.clone().into_iter()).unwrap();
        let mut drafts = Drafts::create(folder.path()).unwrap();
        for row in &rows {
            drafts.push(&PackedDraft::new(&row.prompt, &row.example, &row.provenance)).unwrap();
        }
        let read: Result<Vec<Draft>, Error> = drafts.rows().unwrap().collect();
        assert_eq!(read.unwrap()[1].row(Split::Train).unwrap(), rows[1]);
        let trained = drafts.rows().unwrap().map(|draft| Ok((draft?, Split::Train)));
        assert_eq!(write_drafts(&drafted, trained).unwrap(), 2);
        let read = |path| read_rows(path).unwrap().map(Result::unwrap).collect::<Vec<Row>>();
        assert_eq!(read(&whole), read(&drafted));
    }

    #[test]
    fn no_row_no_file() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("rows.jsonl.zst");
        assert_eq!(write_rows(&path, std::iter::empty()).unwrap(), 0);
        assert!(read_rows(&path).is_err());
    }
}
