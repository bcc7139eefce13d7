//! Builds a version again, to see whether the same bytes come out, and if not, what has changed since.

use std::fs::File;
use std::io::{BufReader, Read};
use std::path::Path;

use rewardctl_data::dataset_folder::Versions;
use rewardctl_data::error::Error as DataError;

use crate::dataset::manifest::{CARD, MANIFEST, Manifest, PAGE, ROWS};
use crate::dataset::source::Source;
use crate::dataset::{BuildSettings, Tools, build_into};
use crate::error::Error;

/// What building a version again came to.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Rebuilt {
    /// Files that differ, by name; none if all bytes are the same.
    pub differing: Vec<String>,
    /// What changed among the inputs and the program since.
    pub changes: Vec<String>,
}

/// Builds the version in `folder` again, beside it, and compares byte for byte. Nothing is kept.
pub async fn rebuild(
    source: &Source<'_>,
    root: &Path,
    folder: &Path,
    tools: Tools,
) -> Result<Rebuilt, Error> {
    let then = Manifest::read(folder)?;
    let settings = BuildSettings {
        name: then.name.clone(),
        kind: then.kind,
        recipe: then.recipe.clone(),
        seed: then.made_by.seed,
        root: root.into(),
        tools,
    };
    let part = Versions::of(root, &then.name).begin()?;
    let now = build_into(source, &settings, &part).await?;
    let mut changes = then.inputs.changes(&now.inputs);
    if then.made_by.rewards != now.made_by.rewards {
        changes.push(format!(
            "version of the rewards: `{}` then, `{}` now",
            then.made_by.rewards, now.made_by.rewards
        ));
    }
    if then.made_by.rewardctl != now.made_by.rewardctl {
        changes.push(format!("rewardctl: {} then, {} now", then.made_by.rewardctl, now.made_by.rewardctl));
    }
    if then.made_by.temperature != now.made_by.temperature {
        changes.push("the aggregator in force".into());
    }
    Ok(Rebuilt { differing: differing(folder, part.path())?, changes })
}

/// Returns the names of the files of a version that are not the same in both folders.
pub(super) fn differing(one: &Path, other: &Path) -> Result<Vec<String>, Error> {
    let mut names = vec![];
    for name in [ROWS, MANIFEST, CARD, PAGE] {
        if !same(&one.join(name), &other.join(name))? {
            names.push(name.to_owned());
        }
    }
    Ok(names)
}

fn same(one: &Path, other: &Path) -> Result<bool, Error> {
    let open = |path: &Path| match File::open(path) {
        Ok(file) => Ok(Some(file)),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(source) => Err(DataError::Read { path: path.into(), source }),
    };
    let (Some(a), Some(b)) = (open(one)?, open(other)?) else { return Ok(false) };
    let failed = |source| DataError::Read { path: one.into(), source };
    if a.metadata().map_err(failed)?.len() != b.metadata().map_err(failed)?.len() {
        return Ok(false);
    }
    let (mut a, mut b) = (BufReader::new(a), BufReader::new(b));
    let (mut left, mut right) = (vec![0; 64 << 10], vec![0; 64 << 10]);
    loop {
        let count = a.read(&mut left).map_err(failed)?;
        if count == 0 {
            return Ok(true);
        }
        b.read_exact(&mut right[..count]).map_err(failed)?;
        if left[..count] != right[..count] {
            return Ok(false);
        }
    }
}
