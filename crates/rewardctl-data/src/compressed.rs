//! Opens files as text streams, through gzip and zstd.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read, Seek};
use std::path::Path;

use flate2::bufread::GzDecoder;

use crate::format::Compression;

/// Large enough that system calls cost nothing beside parsing.
const BUFFER_BYTES: usize = 256 << 10;

/// A stream of decompressed bytes.
pub(crate) type Stream = Box<dyn BufRead + Send>;

/// Tells what `file` is packed with, from its first bytes.
pub(crate) fn detect(file: &mut File) -> io::Result<Compression> {
    let mut magic = vec![];
    file.take(4).read_to_end(&mut magic)?;
    file.rewind()?;
    Ok(Compression::of(&magic))
}

/// Opens `path` for reading what is inside the compression.
pub(crate) fn open(path: &Path, compression: Compression) -> io::Result<Stream> {
    let file = BufReader::with_capacity(BUFFER_BYTES, File::open(path)?);
    Ok(match compression {
        Compression::None => Box::new(file),
        Compression::Gzip => {
            let members = Members { member: Some(GzDecoder::new(file)) };
            Box::new(BufReader::with_capacity(BUFFER_BYTES, members))
        }
        Compression::Zstd => {
            Box::new(BufReader::with_capacity(BUFFER_BYTES, zstd::stream::read::Decoder::with_buffer(file)?))
        }
    })
}

/// The members of a gzip file, one after the other; what follows them and is none is an error that says so.
struct Members {
    /// None at the end.
    member: Option<GzDecoder<BufReader<File>>>,
}

impl Read for Members {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        while let Some(member) = &mut self.member {
            let count = member.read(into)?;
            if count > 0 || into.is_empty() {
                return Ok(count);
            }
            self.next_member()?;
        }
        Ok(0)
    }
}

impl Members {
    fn next_member(&mut self) -> io::Result<()> {
        let Some(mut rest) = self.member.take().map(GzDecoder::into_inner) else { return Ok(()) };
        match rest.fill_buf()?.first() {
            None => {}
            Some(0x1f) => self.member = Some(GzDecoder::new(rest)),
            Some(_) => {
                let message = "bytes that are no gzip follow the end of the gzip data";
                return Err(io::Error::new(io::ErrorKind::InvalidData, message));
            }
        }
        Ok(())
    }
}

/// Skips a byte order mark at the start of `stream`.
pub(crate) fn skip_mark(stream: &mut Stream) -> io::Result<()> {
    if stream.fill_buf()?.starts_with(b"\xef\xbb\xbf") {
        stream.consume(3);
    }
    Ok(())
}

#[cfg(test)]
pub(crate) fn pack(text: &[u8], compression: Compression) -> Vec<u8> {
    use std::io::Write;
    match compression {
        Compression::None => text.to_vec(),
        Compression::Gzip => {
            let mut encoder = flate2::write::GzEncoder::new(vec![], flate2::Compression::fast());
            encoder.write_all(text).unwrap();
            encoder.finish().unwrap()
        }
        Compression::Zstd => zstd::stream::encode_all(text, 0).unwrap(),
    }
}
