//! What keeps a dataset from being built or found.

use std::path::PathBuf;

use rewardctl_core::dataset::recipe::RecipeError;

/// Why a dataset cannot be built or found.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A recipe that is not TOML, or has a value of the wrong kind.
    #[error("recipe `{recipe}` is not valid")]
    ParseRecipe {
        /// The file.
        recipe: String,
        /// Where and why.
        source: Box<toml::de::Error>,
    },
    /// A setting that recipes do not have.
    #[error("recipe `{recipe}` has the unknown setting `{key}`")]
    UnknownSetting {
        /// The file, or `--set`.
        recipe: String,
        /// The key, with its table.
        key: String,
        /// All that exist.
        known: Vec<String>,
    },
    /// A setting of the command line without a value.
    #[error("`--set {setting}` has no value")]
    Setting {
        /// As given.
        setting: String,
    },
    /// A setting out of its range.
    #[error("recipe `{recipe}` cannot be used")]
    Recipe {
        /// The file.
        recipe: String,
        /// Which and why.
        source: RecipeError,
    },
    /// A name that is no plain folder name.
    #[error("a dataset cannot be called `{name}`")]
    Name {
        /// The name given.
        name: String,
    },
    /// A dataset that is not there.
    #[error("there is no dataset `{name}`")]
    Unknown {
        /// The name.
        name: String,
        /// All datasets.
        known: Vec<String>,
    },
    /// A version that a dataset does not have.
    #[error("dataset `{name}` has no version {version}, only {known:?}")]
    UnknownVersion {
        /// The name.
        name: String,
        /// The version.
        version: u32,
        /// Its versions.
        known: Vec<u32>,
    },
    /// A recipe that asks for embeddings where nothing makes them.
    #[error(
        "`contamination.warn-cosine` needs the text encoder and the ONNX Runtime library, and they are not there"
    )]
    NoEncoder,
    /// A recipe that asks for embeddings and names nothing to compare them with.
    #[error("`contamination.warn-cosine` compares prompts with benchmarks, and none is given")]
    NoBenchmark,
    /// A manifest that cannot be read back.
    #[error("`{path}` is not the manifest of a dataset", path = path.display())]
    BrokenManifest {
        /// The file.
        path: PathBuf,
        /// Why.
        source: serde_json::Error,
    },
    /// Nothing to make a stepwise dataset of.
    #[error("no prompt of the store has steps with labels in the field `{field}`")]
    NoSteps {
        /// The field.
        field: String,
    },
}
