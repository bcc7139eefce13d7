//! MLX-LM 0.32: <https://github.com/ml-explore/mlx-lm/blob/main/mlx_lm/LORA.md>. A folder with exactly these names; it
//! reads the lines itself.

use crate::export::target::{Folder, JSONL, Layout, Stem, Target};
use crate::export::trl;

/// Every target of MLX-LM.
pub const TARGETS: &[Target] = &[Target {
    name: "mlx",
    reader: "MLX-LM `mlx_lm.lora`",
    layout: Layout::Folder(Folder { stem: Stem::Valid, extras: None }),
    formats: JSONL,
    infers_types: false,
    packed: false,
    sharded: false,
    strengths: &[],
    load: |written| format!("mlx_lm.lora --train --data {} --model MODEL", written.out_word()),
    lost: "nothing: whole conversations are learnt, with `--mask-prompt` the last turn alone",
    ..trl::SFT
}];
