//! A temporary folder to run the program in, and what a run came to.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use tempfile::TempDir;

/// A folder of its own for each test, with a store of its own.
pub struct Project {
    folder: TempDir,
}

/// What a run came to.
#[derive(Debug)]
pub struct Outcome {
    pub code: i32,
    pub stdout: String,
    pub stderr: String,
}

impl Project {
    pub fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap() }
    }

    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    pub fn file(&self, name: &str, content: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path().join(name);
        fs::write(&path, content).unwrap();
        path
    }

    pub fn folder(&self, name: &str) {
        fs::create_dir(self.path().join(name)).unwrap();
    }

    pub fn read(&self, name: &str) -> String {
        fs::read_to_string(self.path().join(name)).unwrap()
    }

    pub fn read_bytes(&self, name: &str) -> Vec<u8> {
        fs::read(self.path().join(name)).unwrap()
    }

    pub fn exists(&self, name: &str) -> bool {
        self.path().join(name).exists()
    }

    /// Runs the program with arguments split at spaces.
    pub fn run(&self, arguments: &str) -> Outcome {
        outcome(self.command(arguments))
    }

    /// Returns the program, ready to run in the folder, with nothing of the user's environment in its way.
    pub fn command(&self, arguments: &str) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_rewardctl"));
        command
            .current_dir(self.path())
            .args(arguments.split_whitespace())
            .env("REWARDCTL_STORE", self.path().join("store.db"))
            .env("XDG_DATA_HOME", self.path().join("data"))
            .stdin(Stdio::null());
        command
    }
}

pub fn outcome(mut command: Command) -> Outcome {
    let output = command.output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    Outcome {
        code: output.status.code().unwrap_or(-1),
        stdout: text(output.stdout),
        stderr: text(output.stderr),
    }
}

/// Tells whether the ONNX Runtime library is there. In CI it must be; elsewhere the test says that it is skipped.
pub fn has_library() -> bool {
    let library =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../../.cache/onnxruntime/libonnxruntime.so.1.31.1");
    let named = std::env::var_os("REWARDCTL_ONNXRUNTIME").is_some();
    let found = named || library.exists();
    assert!(
        found || std::env::var_os("CI").is_none(),
        "CI must have the ONNX Runtime library: run `make setup`"
    );
    if !found {
        eprintln!("skipped: there is no ONNX Runtime library; `make setup` fetches it");
    }
    found
}

/// Rows of one shape, enough for a run.
pub const ANSWERS: &str = r#"{"id":"a","prompt":"What is 2+2?","reference":"4","responses":[{"text":"2+2 is 4.","model":"m1"},{"text":"It is 5, you idiot!!!","model":"m2"}]}
{"id":"b","prompt":"Name a prime number above ten.","responses":[{"text":"Eleven is a prime number above ten.","model":"m1"},{"text":"As an AI language model, I cannot say. My key is AKIAIOSFODNN7EXAMPLE.","model":"m2"}]}
"#;
