use std::fs;

use rewardctl_core::dataset::{Example, Provenance, Vouch};
use rewardctl_core::id::ContentId;
use rewardctl_core::item::Message;
use serde_json::Value;
use tempfile::TempDir;

use super::*;
use crate::dataset_file::write_rows;
use crate::export::schema::fit;
use crate::export::target::{FileFormat, Layout, More, Target, kinds_of};
use crate::export::targets;
use crate::parquet_read::ParquetRows;

mod tables;

const HOSTILE: &str = "\u{1f600}\u{2028}\0\r\n\"\\";

fn turn(role: &str, content: &str) -> Message {
    Message { role: role.into(), content: content.into() }
}

fn example(kind: Kind, answer: &str, good: bool) -> Example {
    let (answer, other) = (answer.to_owned(), "Nine.".to_owned());
    match kind {
        Kind::Dpo | Kind::Rm => Example::Preference { chosen: answer, rejected: other },
        Kind::Kto => Example::Unpaired { completion: answer, desirable: good },
        Kind::Sft => Example::Demonstration { completion: answer },
        Kind::Prompts => Example::Prompt { reference: good.then_some(answer) },
        Kind::Rollouts => {
            let lower = (answer != "a").then_some(-0.5);
            Example::Rollout { completion: answer, reward: 1.0, lower }
        }
        Kind::Stepwise => Example::Steps { completions: vec![answer, other], labels: vec![true, good] },
    }
}

fn row(kind: Kind, prompt: Vec<Message>, answer: &str, split: Split, number: u64) -> Row {
    let item = ContentId::of("test", [number.to_le_bytes().as_slice()]);
    let provenance = Provenance {
        item,
        responses: vec![item, item],
        generators: vec![None, Some("m".into())],
        source: Vouch::Single,
        annotators: 1,
        probability: None,
        margin: number.is_multiple_of(2).then_some(1.0),
        strength: Some(1.0),
        weight: 1.0,
        rewards: vec![Some(1.0), None],
    };
    Row { prompt, example: example(kind, answer, number.is_multiple_of(2)), split, provenance }
}

/// A small dataset with every difficulty once.
fn rows(kind: Kind) -> Vec<Row> {
    let user = |text: &str| vec![turn("user", text)];
    let mut talk = vec![turn("system", "Help."), turn("user", "q"), turn("assistant", "r")];
    talk.push(turn("user", "And another?"));
    let prompts: Vec<(Vec<Message>, &str)> = vec![
        (user("Name a prime."), "Seven."),
        (user(HOSTILE), HOSTILE),
        (user("2026-11-20"), " padded "),
        (user("Say a."), "a"),
        (talk, "Seven."),
        (vec![turn("system", "Help."), turn("user", "q")], "Seven."),
        (user("<image>What is it?"), "Seven."),
        (vec![turn("user", "q"), turn("user", "r")], "Seven."),
        (vec![turn("user", "q"), turn("assistant", "half")], "Seven."),
        (vec![turn("narrator", "Once."), turn("user", "q")], "Seven."),
        (user("q"), " "),
        (user(" "), "Seven."),
        (user("Validate."), "Nine. "),
        (user("Validate."), "Seven."),
        (user("Test."), "Seven."),
    ];
    let split = |at: usize| match at {
        12 | 13 => Split::Validation,
        14 => Split::Test,
        _ => Split::Train,
    };
    let made = prompts.into_iter().enumerate();
    made.map(|(at, (prompt, answer))| row(kind, prompt, answer, split(at), at as u64)).collect()
}

struct Scratch {
    folder: TempDir,
    dataset: PathBuf,
}

impl Scratch {
    fn with(rows: Vec<Row>) -> Self {
        let folder = TempDir::new().unwrap();
        let dataset = folder.path().join("rows.jsonl.zst");
        write_rows(&dataset, rows.into_iter()).unwrap();
        Self { folder, dataset }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn export(&self, target: &str, out: &str, change: impl FnOnce(&mut Request)) -> Result<Exported, Error> {
        let out = self.path(out);
        let mut request = Request {
            target,
            plain: false,
            out: &out,
            format: None,
            parts: None,
            sharding: Sharding::None,
            more: More::default(),
            kind: None,
        };
        change(&mut request);
        export_dataset(&self.dataset, &request)
    }

    fn refused(&self, target: &str, out: &str, change: impl FnOnce(&mut Request)) -> String {
        let before = self.names();
        let error = self.export(target, out, change).unwrap_err();
        assert_eq!(self.names(), before, "a refused export leaves nothing");
        error.to_string().replace(&self.folder.path().display().to_string(), "DIR")
    }

    /// The names of all files, sorted.
    fn names(&self) -> Vec<String> {
        let mut names = vec![];
        let mut folders = vec![self.folder.path().to_path_buf()];
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                match path.is_dir() {
                    true => folders.push(path),
                    false => names.push(path.strip_prefix(self.folder.path()).unwrap().display().to_string()),
                }
            }
        }
        names.sort();
        names
    }

    fn bytes(&self) -> Vec<(String, Vec<u8>)> {
        self.names().into_iter().map(|name| (name.clone(), fs::read(self.path(&name)).unwrap())).collect()
    }
}

fn usual_out(target: &Target) -> String {
    match target.layout {
        Layout::File => format!("out.{}", target.formats[0].extension()),
        Layout::Folder(_) => "out".into(),
    }
}

/// What a golden file holds: the account of the export, then every file.
fn shown(scratch: &Scratch, exported: &Exported) -> String {
    let mut text = format!("{exported:#?}\n");
    for name in scratch.names() {
        let path = scratch.path(&name);
        let content = match path.extension().and_then(|extension| extension.to_str()) {
            _ if name.contains("provenance") || name.ends_with("zst") => continue,
            Some("parquet") => parquet(&path),
            _ => fs::read_to_string(&path).unwrap(),
        };
        text += &format!("--- {name}\n{}", without_sizes(&content));
    }
    text.replace(&scratch.folder.path().display().to_string(), "DIR")
}

/// Hashes and sizes of Parquet change with the library that packs it.
fn without_sizes(text: &str) -> String {
    let has_size =
        |line: &str| ["sha256", "contentSize", "num_bytes", "_size: "].iter().any(|mark| line.contains(mark));
    let hidden = |line: &str| match line.split_once(": ") {
        Some((name, _)) if line.contains("sha256") => format!("{name}: …"),
        Some((name, value)) if has_size(line) => {
            format!("{name}: {}", value.replace(|c: char| c.is_ascii_digit(), ""))
        }
        _ => line.to_owned(),
    };
    text.split('\n').map(hidden).collect::<Vec<_>>().join("\n")
}

fn parquet(path: &Path) -> String {
    let mut rows = ParquetRows::open(path, path, 1 << 20).unwrap();
    let mut text = String::new();
    while let Some(row) = rows.next_record() {
        text += &format!("{}\n", Value::Object(row.unwrap().fields));
    }
    text
}

#[test]
fn every_target_writes_its_golden_file() {
    for target in targets() {
        for kind in target.kinds.iter().filter(|kind| **kind != Kind::Rm) {
            let scratch = Scratch::with(rows(*kind));
            let exported = scratch
                .export(target.name, &usual_out(target), |request| request.plain = target.plain)
                .unwrap();
            let name = format!("{}-{kind}", target.call().replace(" --", "-"));
            insta::assert_snapshot!(name, shown(&scratch, &exported));
        }
    }
}

#[test]
fn every_row_has_exactly_the_columns_of_its_target() {
    for target in targets() {
        for more in [
            More::default(),
            More { metadata: true, strengths: false },
            More { metadata: true, strengths: true },
        ] {
            let columns = target.all_columns(more);
            for kind in target.kinds {
                for row in rows(*kind) {
                    let Ok((made, _)) = target.make(row, 0, more) else { continue };
                    assert!(fit(columns.iter(), made.as_object().unwrap()), "{}: {made}", target.name);
                }
            }
        }
    }
}

#[test]
fn a_name_means_one_target_for_each_kind() {
    for kind in Kind::ALL {
        let of_kind = targets().filter(|target| target.takes(&example(kind, "x", true)));
        let mut calls: Vec<String> = of_kind.map(Target::call).collect();
        calls.sort();
        let count = calls.len();
        calls.dedup();
        assert_eq!(calls.len(), count, "{kind}");
        assert!(calls.contains(&"hf".into()), "every kind can be written for the Hub");
    }
}

#[test]
fn the_same_rows_give_the_same_bytes() {
    for (target, out, sharding) in [
        ("trl-dpo", "out.jsonl.gz", Sharding::Files(2)),
        ("trl-dpo", "out.parquet", Sharding::None),
        ("hf", "out", Sharding::None),
        ("llamafactory-sharegpt-dpo", "out", Sharding::None),
    ] {
        let bytes = || {
            let scratch = Scratch::with(rows(Kind::Dpo));
            scratch.export(target, out, |request| request.sharding = sharding).unwrap();
            scratch.bytes()
        };
        assert_eq!(bytes(), bytes(), "{target}");
    }
}

#[test]
fn a_folder_that_an_export_wrote_is_replaced() {
    let scratch = Scratch::with(rows(Kind::Dpo));
    scratch.export("hf", "out", |_| ()).unwrap();
    let before = scratch.bytes();
    scratch.export("hf", "out", |_| ()).unwrap();
    assert_eq!(scratch.bytes(), before);
    fs::write(scratch.path("out/notes.txt"), "mine").unwrap();
    let said = scratch.refused("hf", "out", |_| ());
    assert_eq!(said, "`DIR/out` holds `notes.txt`, which no export of this target writes");
}

#[test]
fn shards_are_even_and_none_is_empty() {
    let sizes = |rows: u64, sharding| {
        let made = (0..rows).map(|at| row(Kind::Sft, vec![turn("user", "q")], "x", Split::Train, at));
        let scratch = Scratch::with(made.collect());
        let exported = scratch.export("trl-sft", "o.jsonl", |request| request.sharding = sharding).unwrap();
        let name = |file: &ExportedFile| file.path.file_name().unwrap().to_string_lossy().into_owned();
        let last = exported.files.last().map(name);
        (exported.files.iter().map(|file| file.rows).collect::<Vec<_>>(), last.unwrap())
    };
    assert_eq!(sizes(7, Sharding::Files(3)), (vec![2, 2, 3], "o-00002-of-00003.jsonl".into()));
    assert_eq!(sizes(2, Sharding::Files(9)), (vec![1, 1], "o-00001-of-00002.jsonl".into()));
    assert_eq!(sizes(7, Sharding::Rows(3)), (vec![3, 3, 1], "o-00002-of-00003.jsonl".into()));
    assert_eq!(sizes(6, Sharding::Rows(3)), (vec![3, 3], "o-00001-of-00002.jsonl".into()));
}

#[test]
fn what_a_target_cannot_do_is_refused() {
    let scratch = Scratch::with(rows(Kind::Dpo));
    let metadata = |request: &mut Request| request.more.metadata = true;
    let kto = scratch.refused("trl-kto", "o.jsonl", |_| ());
    assert!(
        kto.starts_with("trl-kto cannot be made of this dataset of kind dpo; these can: `trl-dpo`"),
        "{kto}"
    );
    insta::assert_snapshot!(
        [
            scratch.refused("together", "o.jsonl", metadata),
            scratch.refused("trl-dpo", "o.csv", |_| ()),
            scratch.refused("trl-dpo", "o.parquet.gz", |_| ()),
            scratch.refused("openrlhf-dpo", "o.jsonl.zst", |_| ()),
            scratch.refused("openrlhf-dpo", "a,b.jsonl", |_| ()),
            scratch.refused("openai-preference", "o.parquet", |_| ()),
            scratch.refused("together", "o.jsonl", |request| request.sharding = Sharding::Files(2)),
            scratch.refused("together", "o.jsonl", |request| request.more.strengths = true),
            scratch.refused("hf", "o.parquet", |_| ()),
            scratch.refused("trl-dpo", "o.jsonl", |request| request.format = Some(FileFormat::Parquet)),
            scratch.refused("hf", "-", |request| request.out = Path::new("-")),
        ]
        .join("\n"),
        @"
    together refuses columns that it does not know
    training data are written to .jsonl or .parquet, and `DIR/o.csv` is neither
    trl-dpo reads no packed files of this format
    openrlhf-dpo reads no packed files of this format
    openrlhf-dpo cuts paths at `,` and `@`, and `DIR/a,b.jsonl` has one
    openai-preference reads jsonl, not parquet
    together takes one file, not shards
    together has no column for strengths
    hf is a folder, and `DIR/o.parquet` names a file
    `DIR/o.jsonl` is named .jsonl, and `--format` says parquet
    stdout takes one file of JSONL
    "
    );
}

#[test]
fn texts_that_are_all_dates_need_parquet() {
    let dates = (0..3).map(|at| row(Kind::Sft, vec![turn("user", "2026-11-20")], "x", Split::Train, at));
    let scratch = Scratch::with(dates.collect());
    let said = scratch.refused("alpaca", "o.jsonl", |_| ());
    assert_eq!(
        said,
        "the texts of `instruction` are all dates for a stretch of `DIR/o.jsonl`, and loaders of JSONL would make \
         times of them"
    );
    assert_eq!(scratch.export("alpaca", "o.parquet", |_| ()).unwrap().rows, 3);
    // A service has no columns whose types it would look for.
    assert_eq!(scratch.export("openai-sft", "o.jsonl", |_| ()).unwrap().rows, 3);
}

#[test]
fn no_row_no_file() {
    let scratch = Scratch::with(vec![row(Kind::Sft, vec![turn("user", "q")], " ", Split::Train, 0)]);
    for target in targets().filter(|target| target.kinds.contains(&Kind::Sft)) {
        let before = scratch.names();
        let exported =
            scratch.export(target.name, &usual_out(target), |request| request.plain = target.plain).unwrap();
        assert_eq!((exported.rows, exported.withheld[&Withheld::EmptyAnswer]), (0, 1));
        assert_eq!(scratch.names(), before, "{}", target.name);
    }
}

#[test]
fn the_side_file_says_where_each_row_comes_from() {
    let scratch = Scratch::with(rows(Kind::Sft));
    scratch.export("mlx", "out", |_| ()).unwrap();
    let text = fs::read_to_string(scratch.path("out.provenance.jsonl")).unwrap();
    let origins: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    for (name, file) in [("train.jsonl", "out/train.jsonl"), ("valid.jsonl", "out/valid.jsonl")] {
        let rows = fs::read_to_string(scratch.path(file)).unwrap().lines().count();
        let numbers: Vec<u64> = origins
            .iter()
            .filter(|origin| origin["file"] == name)
            .filter_map(|origin| origin["row"].as_u64())
            .collect();
        assert_eq!(numbers, (0..rows as u64).collect::<Vec<_>>());
    }
}

#[test]
fn rows_of_another_kind_are_withheld() {
    let mut mixed = rows(Kind::Sft);
    mixed.extend(rows(Kind::Kto));
    let scratch = Scratch::with(mixed);
    let exported = scratch.export("trl-sft", "o.jsonl", |request| request.parts = Some(Parts::All)).unwrap();
    assert_eq!(exported.withheld[&Withheld::OtherKind], rows(Kind::Kto).len() as u64);
}

#[test]
fn kinds_and_examples_agree() {
    for kind in Kind::ALL {
        assert!(kinds_of(&example(kind, "x", true)).contains(&kind));
    }
}
