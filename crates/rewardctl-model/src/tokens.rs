//! Cuts texts into tokens, as a model's own tokenizer does. This is the only file that names `tokenizers`.

use std::path::{Path, PathBuf};

use tokenizers::Tokenizer;

use crate::error::Error;
use crate::file;
use crate::manifest::{Kind, Manifest, Role};

/// The tokenizer keeps some hundred bytes per byte of text, so a long text goes through it in pieces of this size.
pub(crate) const PIECE_BYTES: usize = 16 * 1024;

/// A tokenizer. Special tokens are never read from a text, nothing is padded, and nothing is cut off.
#[derive(Debug)]
pub struct Tokens {
    tokenizer: Tokenizer,
    path: PathBuf,
}

impl Tokens {
    /// Loads the tokenizer of the encoder in `folder`, which must be the one that the manifest describes.
    pub fn of_encoder(folder: &Path) -> Result<Self, Error> {
        let (path, bytes) = Manifest::load_kind(folder, Kind::Encoder)?.read(folder, Role::Tokenizer)?;
        Self::from_bytes(&path, &bytes)
    }

    /// Loads a `tokenizer.json`.
    pub fn open(path: &Path) -> Result<Self, Error> {
        Self::from_bytes(path, &file::read(path)?)
    }

    /// Takes the content of a `tokenizer.json`, which errors call `path`.
    pub(crate) fn from_bytes(path: &Path, bytes: &[u8]) -> Result<Self, Error> {
        let tokenizer = open(bytes).map_err(|source| Error::LoadTokenizer { path: path.into(), source })?;
        Ok(Self { tokenizer, path: path.into() })
    }

    /// Returns the number of tokens in `text`, without special ones.
    pub fn count(&self, text: &str) -> Result<u64, Error> {
        Ok(self.ids(text)?.len() as u64)
    }

    /// Returns the ids of the tokens in `text`, without special ones.
    pub(crate) fn ids(&self, text: &str) -> Result<Vec<i64>, Error> {
        let mut ids = vec![];
        for piece in pieces(text, PIECE_BYTES) {
            let encoding = self
                .tokenizer
                .encode_fast(piece, false)
                .map_err(|source| Error::Tokenize { bytes: text.len(), source })?;
            ids.extend(encoding.get_ids().iter().map(|id| i64::from(*id)));
        }
        Ok(ids)
    }

    /// Returns the id of a token that must be there.
    pub(crate) fn id_of(&self, token: &'static str) -> Result<i64, Error> {
        let id = self.tokenizer.token_to_id(token).map(i64::from);
        id.ok_or_else(|| Error::NoToken { path: self.path.clone(), token })
    }
}

fn open(bytes: &[u8]) -> tokenizers::Result<Tokenizer> {
    let mut tokenizer = Tokenizer::from_bytes(bytes)?;
    // A text that spells `[SEP]` must not end the text: special tokens are ours alone.
    tokenizer.set_encode_special_tokens(true);
    // Padding and truncation are switched off, whatever the file says: windows take their place.
    tokenizer.with_padding(None);
    tokenizer.with_truncation(None)?;
    Ok(tokenizer)
}

/// Cuts `text` after the last blank within `limit` bytes, again and again; a stretch without blanks is cut where it
/// is, which may split a word. Tokens do not reach over blanks, so that any other cut leaves them as they are.
pub(crate) fn pieces(mut text: &str, limit: usize) -> Vec<&str> {
    let mut pieces = vec![];
    while text.len() > limit {
        let within = &text[..text.floor_char_boundary(limit)];
        // Other white space is removed by the normaliser instead of separating words.
        let after_blank = within.rfind([' ', '\n', '\r', '\t']).map(|at| at + 1);
        let (piece, rest) = text.split_at(after_blank.unwrap_or(within.len()));
        pieces.push(piece);
        text = rest;
    }
    pieces.push(text);
    pieces
}
