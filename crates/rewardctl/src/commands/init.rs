//! `rewardctl init`.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use rewardctl_critic::llm::critic;
use rewardctl_critic::llm::price;
use tempfile::NamedTempFile;

use crate::cli::InitArgs;
use crate::commands::print_line;
use crate::exit::{Exit, Failure};
use crate::locate::{PRICES_NAME, PROMPTS_NAME};
use crate::settings::FILE_NAME;
use crate::settings::commented::commented_file;
use crate::show::say;

/// Makes a folder a project: writes the settings file, the price table and the critics, or prints the first.
///
/// What is there is kept, so that `init` in an older project adds what is missing.
pub fn run(args: &InitArgs) -> Result<Exit, Failure> {
    if args.print {
        print_line(commented_file().trim_end())?;
        return Ok(Exit::Done);
    }
    let settings = args.folder.join(FILE_NAME);
    let prices = args.folder.join(PRICES_NAME);
    let prompts = args.folder.join(PROMPTS_NAME);
    let critics: Vec<(PathBuf, &str)> =
        critic::SHIPPED.iter().map(|(name, text)| (prompts.join(format!("{name}.md")), *text)).collect();
    let mut files = [&settings, &prices].into_iter().chain(critics.iter().map(|(path, _)| path));
    if files.all(|path| path.exists()) {
        let hint =
            "`rewardctl init --print` prints a fresh one; `rewardctl config show` shows what is in force";
        return Err(Failure::refused(format!("`{}` is there already", settings.display()), hint));
    }
    for folder in [&args.folder.join(".rewardctl"), &prompts] {
        fs::create_dir_all(folder).map_err(Failure::writing(folder))?;
    }
    match write_new(&settings, &commented_file())? {
        true => say(format!("wrote {} with every setting at its default, commented out", settings.display())),
        false => say(format!("kept {}", settings.display())),
    }
    match write_new(&prices, price::SHIPPED)? {
        true => say(format!("wrote {}: what models cost, for you to keep true", prices.display())),
        false => say(format!("kept {}", prices.display())),
    }
    let mut written = 0;
    for (path, text) in &critics {
        written += usize::from(write_new(path, text)?);
    }
    let kept = critics.len() - written;
    say(format!(
        "wrote {written} LLM critics to {}, kept {kept}: what you edit there counts",
        prompts.display()
    ));
    say("next: `rewardctl score answers.jsonl`");
    Ok(Exit::Done)
}

/// Writes a file unless there is one; returns whether it wrote.
fn write_new(path: &Path, text: &str) -> Result<bool, Failure> {
    if path.exists() {
        return Ok(false);
    }
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut file = NamedTempFile::new_in(folder).map_err(Failure::writing(path))?;
    file.write_all(text.as_bytes()).map_err(Failure::writing(path))?;
    file.persist_noclobber(path).map_err(|error| Failure::writing(path)(error.error))?;
    Ok(true)
}
