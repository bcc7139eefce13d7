//! One paying run for each store.

use std::ffi::OsString;
use std::fs::{File, TryLockError};
use std::path::{Path, PathBuf};

use crate::error::Error;

/// Locks the ledger of the store at `path` for as long as the file returned stays open.
///
/// The system lets go of the lock when the process ends, however it ends. The file itself stays: removing it would let
/// two runs lock two files of one name.
pub(super) fn take(path: &Path) -> Result<File, Error> {
    let name = beside(path);
    let failed = |source| Error::LockLedger { path: name.clone(), source };
    let file = File::options().create(true).append(true).open(&name).map_err(failed)?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(Error::LedgerInUse { path: path.into() }),
        Err(TryLockError::Error(source)) => Err(failed(source)),
    }
}

fn beside(path: &Path) -> PathBuf {
    let mut name = OsString::from(path);
    name.push(".ledger-lock");
    name.into()
}
