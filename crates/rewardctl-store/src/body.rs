//! Bodies of rows: JSON, compressed. Verdicts repeat the same words a million times, so this keeps the file small.

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::error::Error;

/// zstd's fastest ordinary level: 3 KB of verdicts become about 0.6 KB in some ten microseconds.
const LEVEL: i32 = 1;

/// Packs `value` for the column `body`.
pub fn pack(value: &impl Serialize) -> Vec<u8> {
    let json = serde_json::to_vec(value).expect("domain types have string keys and no failing serialiser");
    zstd::encode_all(json.as_slice(), LEVEL).expect("compressing memory to memory does no I/O")
}

/// Restores what [`pack`] packed.
pub fn unpack<T: DeserializeOwned>(table: &'static str, body: &[u8]) -> Result<T, Error> {
    let json = zstd::decode_all(body).map_err(Error::broken(table))?;
    serde_json::from_slice(&json).map_err(Error::broken(table))
}
