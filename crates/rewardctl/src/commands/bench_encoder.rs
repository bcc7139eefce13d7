//! `rewardctl bench-encoder`: times the text encoder alone; `benches/encoder` compares it with its peers.

use std::fs;
use std::thread;
use std::time::Instant;

use rewardctl_model::encoder::{Encoder, EncoderSettings};
use rewardctl_model::onnx::Runtime;
use serde::Deserialize;
use serde_json::json;

use crate::cli::BenchEncoderArgs;
use crate::commands::{model_paths, print_line};
use crate::exit::{Exit, Failure};
use crate::settings::Settings;

#[derive(Deserialize)]
struct Row {
    text: String,
}

/// Embeds every text once and prints one line of JSON. Loading the model is not timed.
pub fn run(args: &BenchEncoderArgs, settings: &Settings) -> Result<Exit, Failure> {
    let texts = texts(args)?;
    let paths = model_paths(settings)?;
    let runtime = Runtime::load(&paths.library)?;
    let encoder = EncoderSettings { max_windows: paths.max_windows };
    let load = || Encoder::load(&runtime, &paths.encoder, encoder);
    let encoders: Vec<Encoder> = (0..args.threads.max(1)).map(|_| load()).collect::<Result<_, _>>()?;
    let cpu = cpu_seconds();
    let start = Instant::now();
    let tokens = embed_all(encoders, &texts)?;
    let wall = start.elapsed().as_secs_f64();
    let line = json!({
        "texts": texts.len(),
        "tokens": tokens,
        "wall_s": wall,
        "cpu_s": cpu_seconds() - cpu,
        "peak_rss_mb": peak_memory_mb(),
    });
    print_line(&line.to_string())?;
    Ok(Exit::Done)
}

fn texts(args: &BenchEncoderArgs) -> Result<Vec<String>, Failure> {
    let refuse = |what: String| Failure::refused(what, "each line is an object with a field `text`");
    let file = args.file.display();
    let text = fs::read_to_string(&args.file)
        .map_err(|error| refuse(format!("failed to read `{file}`: {error}")))?;
    let rows = text.lines().map(serde_json::from_str::<Row>);
    let rows: Result<Vec<Row>, _> = rows.collect();
    Ok(rows.map_err(|error| refuse(format!("`{file}`: {error}")))?.into_iter().map(|row| row.text).collect())
}

/// Hands the texts out in turn, one at a time, as scoring does.
fn embed_all(encoders: Vec<Encoder>, texts: &[String]) -> Result<usize, Failure> {
    let next = std::sync::atomic::AtomicUsize::new(0);
    let work = |mut encoder: Encoder| -> Result<usize, rewardctl_model::error::Error> {
        let mut tokens = 0;
        while let Some(text) = texts.get(next.fetch_add(1, std::sync::atomic::Ordering::Relaxed)) {
            tokens += encoder.embed(text)?.tokens;
        }
        Ok(tokens)
    };
    let work = &work;
    let tokens = thread::scope(|scope| {
        let threads: Vec<_> =
            encoders.into_iter().map(|encoder| scope.spawn(move || work(encoder))).collect();
        threads
            .into_iter()
            .map(|thread| thread.join().expect("the encoder does not panic"))
            .sum::<Result<usize, _>>()
    })?;
    Ok(tokens)
}

/// User and system time of this process, in seconds; 0 where `/proc` does not tell.
fn cpu_seconds() -> f64 {
    let stat = fs::read_to_string("/proc/self/stat").unwrap_or_default();
    // The name in parentheses may hold spaces; user and system time are fields 14 and 15, in hundredths.
    let fields: Vec<&str> = stat.rsplit(')').next().unwrap_or("").split_whitespace().collect();
    let ticks = |at: usize| fields.get(at).and_then(|field| field.parse::<f64>().ok()).unwrap_or(0.0);
    (ticks(11) + ticks(12)) / 100.0
}

/// The most memory this process ever held, in MB; 0 where `/proc` does not tell.
fn peak_memory_mb() -> f64 {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap_or("");
    line.split_whitespace().next().and_then(|kb| kb.parse::<f64>().ok()).unwrap_or(0.0) / 1000.0
}
