//! The arguments of `rewardctl completions` and `rewardctl man`.

use std::path::PathBuf;

use clap::Args;
use clap_complete::Shell;

const COMPLETIONS_HELP: &str = "\
  bash  rewardctl completions bash > ~/.local/share/bash-completion/completions/rewardctl
  zsh   rewardctl completions zsh > \"${fpath[1]}/_rewardctl\"
  fish  rewardctl completions fish > ~/.config/fish/completions/rewardctl.fish";

/// Print completions for a shell
#[derive(Debug, Args)]
#[command(after_help = COMPLETIONS_HELP)]
pub struct CompletionsArgs {
    /// The shell
    #[arg(value_enum)]
    pub shell: Shell,
}

#[derive(Debug, Args)]
pub struct ManArgs {
    /// Write the pages here, one for each verb
    pub folder: PathBuf,
}
