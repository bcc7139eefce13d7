//! Opens files as text streams, through gzip and zstd.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read, Seek};
use std::path::Path;

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
            Box::new(BufReader::with_capacity(BUFFER_BYTES, flate2::bufread::MultiGzDecoder::new(file)))
        }
        Compression::Zstd => {
            Box::new(BufReader::with_capacity(BUFFER_BYTES, zstd::stream::read::Decoder::with_buffer(file)?))
        }
    })
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
