//! Versions of fitted aggregators: every fit is kept, and one of them, or the fixed weights, judges for its panel.
//!
//! A folder a panel, a folder a version, and `active.toml` in the panel's folder, which names the version in force and
//! those that were before.

use std::fs;
use std::path::{Path, PathBuf};

use rewardctl_model::file;
use rewardctl_model::manifest::{MANIFEST, Manifest};
use serde::{Deserialize, Serialize};

use crate::error::Error;

/// What stands for the panel's own weights among the versions.
pub const FIXED: &str = "fixed";

const ACTIVE: &str = "active.toml";

/// The versions of one panel.
#[derive(Debug, Clone)]
pub struct Registry {
    folder: PathBuf,
}

/// Which version judges, and which did before it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Active {
    /// A version, or [`FIXED`].
    pub version: String,
    /// The ones before, the latest last.
    #[serde(default)]
    pub before: Vec<String>,
}

impl Registry {
    /// Opens the versions of `panel` under `root`; nothing need be there.
    pub fn open(root: &Path, panel: &str) -> Self {
        // A panel's name is the user's: it must not lead out of the folder.
        let safe: String = panel
            .chars()
            .map(|c| if c.is_alphanumeric() || matches!(c, '-' | '_') { c } else { '_' })
            .collect();
        Self { folder: root.join(safe) }
    }

    /// Returns the versions, the oldest first, with their manifests.
    pub fn versions(&self) -> Result<Vec<(String, Manifest)>, Error> {
        let mut names: Vec<(u64, String)> = self.names()?;
        names.sort();
        let load = |(_, name): (u64, String)| Ok((name.clone(), Manifest::load(&self.folder.join(name))?));
        names.into_iter().map(load).collect()
    }

    /// Returns the folder of a version.
    pub fn folder(&self, version: &str) -> PathBuf {
        self.folder.join(version)
    }

    /// Returns the name of the next version.
    pub fn next(&self) -> Result<String, Error> {
        let greatest = self.names()?.into_iter().map(|(number, _)| number).max().unwrap_or(0);
        Ok(format!("v{}", greatest + 1))
    }

    /// Returns which version judges; [`FIXED`] where nobody chose.
    pub fn active(&self) -> Result<Active, Error> {
        let path = self.folder.join(ACTIVE);
        if !path.exists() {
            return Ok(Active { version: FIXED.into(), before: vec![] });
        }
        let text =
            fs::read_to_string(&path).map_err(|source| Error::ReadPanel { path: path.clone(), source })?;
        toml::from_str(&text).map_err(|source| Error::ParsePanel {
            panel: path.display().to_string(),
            source: Box::new(source),
        })
    }

    /// Returns the folder of the aggregator in force; None for the fixed weights.
    pub fn active_folder(&self) -> Result<Option<PathBuf>, Error> {
        let active = self.active()?;
        Ok((active.version != FIXED).then(|| self.folder(&active.version)))
    }

    /// Puts `version` in force.
    pub fn promote(&self, version: &str) -> Result<(), Error> {
        let known = self.names()?.into_iter().any(|(_, name)| name == version);
        if version != FIXED && !known {
            let mut known: Vec<String> = self.names()?.into_iter().map(|(_, name)| name).collect();
            known.push(FIXED.into());
            return Err(Error::UnknownVersion { version: version.into(), known });
        }
        let Active { version: current, mut before } = self.active()?;
        if current == version {
            return Ok(());
        }
        before.push(current);
        self.write(&Active { version: version.into(), before })
    }

    /// Puts the version before in force, and returns its name; None where there is none.
    pub fn rollback(&self) -> Result<Option<String>, Error> {
        let Active { mut before, .. } = self.active()?;
        let Some(version) = before.pop() else { return Ok(None) };
        self.write(&Active { version: version.clone(), before })?;
        Ok(Some(version))
    }

    fn write(&self, active: &Active) -> Result<(), Error> {
        let path = self.folder.join(ACTIVE);
        fs::create_dir_all(&self.folder).map_err(|source| rewardctl_model::error::Error::WriteFile {
            path: self.folder.clone(),
            source,
        })?;
        let text = toml::to_string(active).expect("a version and a list of versions can be written as TOML");
        Ok(file::write(&path, text.as_bytes())?)
    }

    /// Folders with a manifest that are called `v1`, `v2` and so on, in this order.
    fn names(&self) -> Result<Vec<(u64, String)>, Error> {
        let entries = match fs::read_dir(&self.folder) {
            Ok(entries) => entries,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(vec![]),
            Err(source) => return Err(Error::ReadPanel { path: self.folder.clone(), source }),
        };
        let mut names = vec![];
        for entry in entries.flatten() {
            let name = entry.file_name().to_string_lossy().into_owned();
            let number = name.strip_prefix('v').and_then(|number| number.parse().ok());
            if let Some(number) = number.filter(|_| entry.path().join(MANIFEST).is_file()) {
                names.push((number, name));
            }
        }
        names.sort();
        Ok(names)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn version(registry: &Registry, name: &str) {
        let panel = crate::panel::LoadedPanel::load("rules", None).unwrap().panel;
        fs::create_dir_all(registry.folder(name)).unwrap();
        rewardctl_model::aggregator::write_fixed_weights(&registry.folder(name), &panel).unwrap();
    }

    #[test]
    fn versions_are_kept_promoted_and_rolled_back() {
        let folder = tempfile::tempdir().unwrap();
        let registry = Registry::open(folder.path(), "../my panel");
        assert_eq!(
            (registry.active().unwrap().version.as_str(), registry.next().unwrap()),
            (FIXED, "v1".into())
        );
        version(&registry, "v1");
        version(&registry, "v10");
        assert_eq!(registry.next().unwrap(), "v11");
        registry.promote("v1").unwrap();
        registry.promote("v10").unwrap();
        assert_eq!(registry.active_folder().unwrap(), Some(registry.folder("v10")));
        assert_eq!(registry.rollback().unwrap().as_deref(), Some("v1"));
        assert_eq!(registry.rollback().unwrap().as_deref(), Some(FIXED));
        assert_eq!((registry.active_folder().unwrap(), registry.rollback().unwrap()), (None, None));
        let error = registry.promote("v2").unwrap_err().to_string();
        assert!(error.contains("`v2`"), "{error}");
        let names: Vec<String> = registry.versions().unwrap().into_iter().map(|(name, _)| name).collect();
        assert_eq!(names, ["v1", "v10"]);
    }
}
