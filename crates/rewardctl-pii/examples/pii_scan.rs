//! Scans and masks the texts of a JSONL file and prints what it found and how long it took, for scripts and benches.
//!
//! `pii_scan FILE [ROUNDS]`: one JSON object on stdout; places are counted in characters, times are those of each round,
//! in seconds of processor time, reading and printing apart.

use std::env;
use std::fs;
use std::hint::black_box;
use std::time::Instant;

use rewardctl_pii::finding::Finding;
use rewardctl_pii::mask::{Masker, Operator};
use rewardctl_pii::scanner::{Options, Scanner};
use serde_json::{Value, json};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = env::args().skip(1);
    let path = arguments.next().ok_or("usage: pii_scan FILE [ROUNDS]")?;
    let rounds: usize = arguments.next().map_or(Ok(1), |rounds| rounds.parse())?;
    let content = fs::read_to_string(path)?;
    let rows = content.lines().map(serde_json::from_str::<Value>).collect::<Result<Vec<_>, _>>()?;
    let texts: Vec<&str> = rows.iter().filter_map(|row| row["text"].as_str()).collect();
    let started = Instant::now();
    let scanner = Scanner::new(Options::default());
    let build_seconds = started.elapsed().as_secs_f64();
    let scan = seconds(rounds, || texts.iter().map(|text| scanner.scan(text).len()).sum());
    let mask = seconds(rounds, || {
        let masked =
            |text: &&str| scanner.mask_field("", text, &mut Masker::new(Operator::Placeholder)).text.len();
        texts.iter().map(masked).sum()
    });
    let found: Vec<Vec<Value>> = texts.iter().map(|text| findings(&scanner, text)).collect();
    let bytes: usize = texts.iter().map(|text| text.len()).sum();
    let report = json!({"build_seconds": build_seconds, "scan_seconds": scan, "mask_seconds": mask,
                        "texts": texts.len(), "bytes": bytes, "found": found});
    #[expect(clippy::print_stdout, reason = "the report is what the example is for")]
    {
        println!("{report}");
    }
    Ok(())
}

fn seconds(rounds: usize, work: impl Fn() -> usize) -> Vec<f64> {
    let timed = |_| {
        let started = cpu_seconds();
        black_box(work());
        cpu_seconds() - started
    };
    (0..rounds).map(timed).collect()
}

/// Returns the time that this thread had on a processor, so that a busy machine does not count; 0 where the system does
/// not tell.
fn cpu_seconds() -> f64 {
    let told = fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    let nanoseconds = told.split(' ').next().and_then(|first| first.parse::<f64>().ok());
    nanoseconds.unwrap_or(0.0) / 1e9
}

fn findings(scanner: &Scanner, text: &str) -> Vec<Value> {
    let (mut bytes, mut chars) = (0, 0);
    let mut count = |to: usize| {
        chars += text[bytes..to].chars().count();
        bytes = to;
        chars
    };
    let mut shown =
        |one: &Finding| json!([count(one.start), count(one.end), one.kind.name(), one.certainty.name()]);
    scanner.scan(text).iter().map(&mut shown).collect()
}
