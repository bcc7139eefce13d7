//! What an export wrote, as the instructions for loading need it.

use std::path::{Path, PathBuf};

use rewardctl_core::dataset::{Kind, Split};

use crate::export::schema::Column;
use crate::export::target::FileFormat;

/// What an export wrote.
#[derive(Debug, Clone)]
pub struct Written {
    /// The file or folder that was asked for.
    pub out: PathBuf,
    /// The files with rows, in the order of the dataset's parts and of their numbers.
    pub files: Vec<DataFile>,
    /// The format of all of them.
    pub format: FileFormat,
    /// What the dataset is made of.
    pub kind: Kind,
    /// The columns of every file.
    pub columns: Vec<Column>,
}

/// A file with rows.
#[derive(Debug, Clone)]
pub struct DataFile {
    /// Where it lies.
    pub path: PathBuf,
    /// The part of the dataset that it holds; None for a file of all parts.
    pub split: Option<Split>,
    /// Its rows.
    pub rows: u64,
    /// Its bytes.
    pub bytes: u64,
    /// The SHA-256 of its bytes, in hexadecimal digits; empty where nobody asks for it.
    pub sha256: String,
}

impl DataFile {
    /// Returns the path in double quotes, as Python, YAML and JSON read it.
    pub fn quoted(&self) -> String {
        quoted(&self.path)
    }
}

impl Written {
    /// Returns the folder of the files, in double quotes.
    pub fn folder(&self) -> String {
        match self.files.first().and_then(|file| file.path.parent()) {
            Some(folder) if folder != Path::new("") => quoted(folder),
            _ => "\".\"".into(),
        }
    }

    /// Returns the name of what was asked for, without its extension.
    pub fn name(&self) -> String {
        let name = self.out.file_name().unwrap_or_default().to_string_lossy();
        name.split('.').next().filter(|stem| !stem.is_empty()).unwrap_or("dataset").into()
    }

    /// Returns the Python line that loads the files.
    pub fn load_dataset(&self) -> String {
        let files = match &self.files[..] {
            [one] => one.quoted(),
            _ => self.yaml_files(),
        };
        format!("dataset = load_dataset(\"{}\", data_files={files}, split=\"train\")", self.format.loader())
    }

    /// Returns the files as a list that YAML, JSON and Python read.
    pub fn yaml_files(&self) -> String {
        let files: Vec<String> = self.files.iter().map(DataFile::quoted).collect();
        format!("[{}]", files.join(", "))
    }

    /// Returns the files as words of a shell.
    pub fn words(&self) -> String {
        let files: Vec<String> = self.files.iter().map(|file| word(&file.path.to_string_lossy())).collect();
        files.join(" ")
    }

    /// Returns the files with commas between them, as one word of a shell.
    pub fn comma_list(&self) -> String {
        let files: Vec<_> = self.files.iter().map(|file| file.path.to_string_lossy()).collect();
        word(&files.join(","))
    }

    /// Returns what was asked for as a word of a shell.
    pub fn out_word(&self) -> String {
        word(&self.out.to_string_lossy())
    }

    /// Returns the parts of the dataset that have rows, with their files.
    pub fn parts(&self) -> Vec<(Split, Vec<&DataFile>)> {
        let of = |split| self.files.iter().filter(|file| file.split == Some(split)).collect::<Vec<_>>();
        Split::ALL
            .into_iter()
            .map(|split| (split, of(split)))
            .filter(|(_, files)| !files.is_empty())
            .collect()
    }
}

/// Returns a path in double quotes, as Python, YAML and JSON read it.
pub fn quoted(path: &Path) -> String {
    serde_json::Value::from(path.to_string_lossy()).to_string()
}

fn word(text: &str) -> String {
    let is_safe = |c: char| c.is_ascii_alphanumeric() || "/._-,+:@=".contains(c);
    match !text.is_empty() && text.chars().all(is_safe) {
        true => text.into(),
        false => format!("'{}'", text.replace('\'', "'\\''")),
    }
}
