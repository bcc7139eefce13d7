//! `rewardctl init`.

use std::fs;
use std::io::Write;

use tempfile::NamedTempFile;

use crate::cli::InitArgs;
use crate::commands::print_line;
use crate::exit::{Exit, Failure};
use crate::settings::{FILE_NAME, commented_file};
use crate::show::say;

/// Writes the settings file, or prints it.
pub fn run(args: &InitArgs) -> Result<Exit, Failure> {
    if args.print {
        print_line(commented_file().trim_end())?;
        return Ok(Exit::Done);
    }
    let path = args.folder.join(FILE_NAME);
    if path.exists() {
        let hint =
            "`rewardctl init --print` prints a fresh one; `rewardctl config show` shows what is in force";
        return Err(Failure::refused(format!("`{}` is there already", path.display()), hint));
    }
    let data = args.folder.join(".rewardctl");
    fs::create_dir_all(&data).map_err(Failure::writing(&data))?;
    let mut file = NamedTempFile::new_in(&args.folder).map_err(Failure::writing(&path))?;
    file.write_all(commented_file().as_bytes()).map_err(Failure::writing(&path))?;
    file.persist_noclobber(&path).map_err(|error| Failure::writing(&path)(error.error))?;
    say(format!("wrote {} with every setting at its default, commented out", path.display()));
    say("next: `rewardctl score answers.jsonl`");
    Ok(Exit::Done)
}
