use std::fs;
use std::sync::LazyLock;

use rewardctl_core::reward::Uncertainty;
use tempfile::TempDir;

use super::*;
use crate::parquet_read::ParquetRows;
use crate::row_file::write_json;
use crate::scored::{VerdictRow, VersionsRow};

static VERSIONS: LazyLock<VersionsRow> = LazyLock::new(|| VersionsRow {
    rewardctl: "0.1.0".into(),
    panel: "p".into(),
    aggregator: "a".into(),
    encoder: None,
    heads: None,
});

fn row(reward: Option<f64>) -> ScoredRow<'static> {
    let parts = Uncertainty {
        total: 0.125,
        between_critics: 0.125,
        within_critic: 0.0,
        coverage: 1e-9,
        parameters: 0.0,
    };
    ScoredRow {
        id: Some("=1+1"),
        source: "in.jsonl",
        row: 3,
        response_index: 1,
        role: None,
        item_id: "ab".into(),
        response_id: "cd".into(),
        generator: Some("m"),
        reward,
        no_reward: reward.is_none().then_some("2 critics failed"),
        dimensions: vec![("style", reward), ("accuracy", None)],
        uncertainty: reward.map(|_| parts),
        utility: None,
        utility_length_controlled: None,
        distance: None,
        rating_low: None,
        rating_high: None,
        route: "accept",
        route_reason: String::new(),
        verdicts: vec![VerdictRow {
            critic: "rule.length",
            dimension: "style",
            outcome: "scored",
            score: Some(1.0),
            variance: None,
            weight: Some(0.5),
            rationale: "a \"b\",\nc",
            spans: vec![[0, 4], [7, 9]],
            flagged: true,
            method: "",
            calls: vec!["ef".into()],
        }],
        versions: &VERSIONS,
        fields: vec![("topic", "+1".into())],
        prompt: Some("q".into()),
        response: Some("-r"),
    }
}

fn columns() -> ScoreColumns {
    ScoreColumns {
        dimensions: vec!["style".into(), "accuracy".into()],
        fields: vec!["topic".into()],
        with_text: true,
    }
}

fn written(name: &str, rows: &[ScoredRow<'_>]) -> Vec<u8> {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join(name);
    let mut writer = ScoreWriter::to_file(&path, OutputFormat::of_path(&path).unwrap(), columns()).unwrap();
    rows.iter().for_each(|row| writer.write(row).unwrap());
    assert!(!path.exists());
    assert_eq!(writer.finish().unwrap(), rows.len() as u64);
    assert_eq!(fs::read_dir(&folder).unwrap().count(), 1);
    fs::read(path).unwrap()
}

const SCORED: &str = r#"{"id":"=1+1","source":"in.jsonl","row":3,"response_index":1,"role":"","item_id":"ab","response_id":"cd","generator":"m","reward":1.0,"no_reward":"","dimensions":{"style":1.0,"accuracy":null},"uncertainty":{"total":0.125,"between_critics":0.125,"within_critic":0.0,"coverage":1.0e-9,"parameters":0.0},"utility":null,"utility_length_controlled":null,"distance":null,"rating_low":null,"rating_high":null,"route":"accept","route_reason":"","verdicts":[{"critic":"rule.length","dimension":"style","outcome":"scored","score":1.0,"variance":null,"weight":0.5,"rationale":"a \"b\",\nc","spans":[[0,4],[7,9]],"flagged":true,"method":"","calls":["ef"]}],"versions":{"rewardctl":"0.1.0","panel":"p","aggregator":"a","encoder":"","heads":""},"fields":{"topic":"+1"},"prompt":"q","response":"-r"}"#;

#[test]
fn json_lines_and_lists() {
    let text = |name, rows: &[ScoredRow<'_>]| String::from_utf8(written(name, rows)).unwrap();
    assert_eq!(text("f.jsonl", &[row(Some(1.0))]), format!("{SCORED}\n"));
    assert_eq!(text("f.json", &[row(Some(1.0)), row(Some(1.0))]), format!("[\n{SCORED},\n{SCORED}\n]\n"));
    let unscored = text("f.jsonl", &[row(None)]);
    assert!(unscored.contains(r#""reward":null,"no_reward":"2 critics failed","dimensions":{"style":null,"#));
    assert!(unscored.contains(r#""uncertainty":null,"#));
}

#[test]
fn csv_is_flat_and_safe_in_a_spreadsheet() {
    let text = written("f.csv", &[row(Some(1.0))]);
    let mut reader = csv::Reader::from_reader(text.as_slice());
    let header = reader.headers().unwrap().clone();
    let record = reader.records().next().unwrap().unwrap();
    let cells: Vec<String> =
        header.iter().zip(&record).map(|(name, cell)| format!("{name}={cell}")).collect();
    let mut verdicts = vec![];
    write_json(&mut verdicts, &row(None).verdicts).unwrap();
    let verdicts = format!("verdicts={}", String::from_utf8(verdicts).unwrap());
    assert_eq!(
        cells,
        [
            "id='=1+1",
            "source=in.jsonl",
            "row=3",
            "response_index=1",
            "role=",
            "item_id=ab",
            "response_id=cd",
            "generator=m",
            "reward=1.0",
            "no_reward=",
            "dimensions.style=1.0",
            "dimensions.accuracy=",
            "uncertainty.total=0.125",
            "uncertainty.between_critics=0.125",
            "uncertainty.within_critic=0.0",
            "uncertainty.coverage=1.0e-9",
            "uncertainty.parameters=0.0",
            "utility=",
            "utility_length_controlled=",
            "distance=",
            "rating_low=",
            "rating_high=",
            "route=accept",
            "route_reason=",
            &verdicts,
            "versions.rewardctl=0.1.0",
            "versions.panel=p",
            "versions.aggregator=a",
            "versions.encoder=",
            "versions.heads=",
            "fields.topic='+1",
            "prompt=q",
            "response='-r",
        ]
    );
}

#[test]
fn parquet_holds_what_json_holds() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("f.parquet");
    let rows: Vec<ScoredRow> = (0..1200).map(|n| row((n % 3 > 0).then(|| f64::from(n) / 2000.0))).collect();
    let bytes = written("f.parquet", &rows);
    assert_eq!(bytes, written("f.parquet", &rows));
    fs::write(&path, bytes).unwrap();
    let mut read = ParquetRows::open(&path, &path, 1 << 20).unwrap();
    for row in &rows {
        let mut expected = serde_json::to_value(row).unwrap();
        if row.uncertainty.is_none() {
            expected["uncertainty"] = serde_json::Value::Null;
        }
        assert_eq!(serde_json::Value::Object(read.next_record().unwrap().unwrap().fields), expected);
    }
    assert!(read.next_record().is_none());
}

#[test]
fn what_is_not_finished_leaves_nothing() {
    let folder = TempDir::new().unwrap();
    for format in [OutputFormat::Jsonl, OutputFormat::Json, OutputFormat::Csv, OutputFormat::Parquet] {
        let path = folder.path().join("f");
        let mut dropped = ScoreWriter::to_file(&path, format, columns()).unwrap();
        dropped.write(&row(None)).unwrap();
        drop(dropped);
        assert_eq!(ScoreWriter::to_file(&path, format, columns()).unwrap().finish().unwrap(), 0);
        assert_eq!(fs::read_dir(&folder).unwrap().count(), 0);
    }
    let error = ScoreWriter::to_file(&folder.path().join("no/f"), OutputFormat::Csv, columns()).unwrap_err();
    assert!(error.to_string().starts_with("failed to write `"), "{error}");
}

struct Failing(io::ErrorKind);

impl Write for Failing {
    fn write(&mut self, _: &[u8]) -> io::Result<usize> {
        Err(self.0.into())
    }
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[test]
fn a_closed_pipe_is_told_from_a_full_disk() {
    for format in [OutputFormat::Jsonl, OutputFormat::Json, OutputFormat::Csv, OutputFormat::Parquet] {
        for kind in [io::ErrorKind::BrokenPipe, io::ErrorKind::StorageFull] {
            let write = || {
                let stream = Box::new(Failing(kind));
                let mut writer = ScoreWriter::to_stream(stream, "stdout", format, columns())?;
                writer.write(&row(None))?;
                writer.finish()
            };
            let error = write().unwrap_err();
            let Error::Write { source, .. } = &error else { panic!("{error}") };
            assert_eq!((error.to_string().as_str(), source.kind()), ("failed to write `stdout`", kind));
            assert_eq!(error.is_broken_pipe(), kind == io::ErrorKind::BrokenPipe);
        }
    }
}

#[test]
fn an_empty_stream_is_an_empty_list() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("f");
    let stream = Box::new(fs::File::create(&path).unwrap());
    ScoreWriter::to_stream(stream, "stdout", OutputFormat::Json, columns()).unwrap().finish().unwrap();
    assert_eq!(fs::read_to_string(&path).unwrap(), "[]\n");
}
