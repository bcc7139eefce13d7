//! Bodies of rows: JSON, compressed. Verdicts repeat the same words a million times, so this keeps the file small.

use std::cell::RefCell;
use std::io;

use serde::Serialize;
use serde::de::DeserializeOwned;
use zstd::bulk::{Compressor, Decompressor};
use zstd::zstd_safe::get_frame_content_size;

use crate::error::Error;

/// zstd's fastest ordinary level: 3 KB of verdicts become about 0.6 KB in some ten microseconds.
const LEVEL: i32 = 1;

/// For short bodies, of which the tables of symbols cost more time than they save room.
const FAST_LEVEL: i32 = -3;

/// From this many bytes on a body is packed well.
const LONG: usize = 1024;

thread_local! {
    // Making a context costs more than packing a row with it.
    static FAST_PACKER: RefCell<Compressor<'static>> =
        RefCell::new(Compressor::new(FAST_LEVEL).expect("a context is memory, and the level is legal"));
    static PACKER: RefCell<Compressor<'static>> =
        RefCell::new(Compressor::new(LEVEL).expect("a context is memory, and the level is legal"));
    static UNPACKER: RefCell<Decompressor<'static>> =
        RefCell::new(Decompressor::new().expect("a context is memory"));
}

/// Packs `value` for the column `body`.
pub fn pack(value: &impl Serialize) -> Vec<u8> {
    compress(&serde_json::to_vec(value).expect("domain types have string keys and no failing serialiser"))
}

/// Restores what [`pack`] packed.
pub fn unpack<T: DeserializeOwned>(table: &'static str, body: &[u8]) -> Result<T, Error> {
    serde_json::from_slice(&decompress(table, body)?).map_err(Error::broken(table))
}

/// Compresses bytes as they are.
pub fn compress(bytes: &[u8]) -> Vec<u8> {
    let packer = if bytes.len() < LONG { &FAST_PACKER } else { &PACKER };
    packer.with_borrow_mut(|packer| packer.compress(bytes).expect("memory to memory does no I/O"))
}

/// Restores what [`compress`] compressed.
pub fn decompress(table: &'static str, body: &[u8]) -> Result<Vec<u8>, Error> {
    let length = get_frame_content_size(body).ok().flatten();
    let length = length.ok_or_else(|| io::Error::other("no packed row")).map_err(Error::broken(table))?;
    let bytes = UNPACKER.with_borrow_mut(|unpacker| unpacker.decompress(body, length as usize));
    bytes.map_err(Error::broken(table))
}
