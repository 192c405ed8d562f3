//! Traces through OTLP, as many as a busy service makes: what arrives, and what it takes.
//!
//! `cargo bench -p rollout --features otlp,testing --bench otlp`
//!
//! A process of its own makes spans at a fixed rate for some seconds, from four threads, and sends them to a
//! collector in another process, which counts them. The same is done by `opentelemetry_sdk` with its own exporter,
//! and by nobody, for what the making alone takes. Set `ROLLOUT_BENCH_RATE` (spans a second) and
//! `ROLLOUT_BENCH_SECONDS` for other figures.

#![allow(missing_docs, reason = "a program")]
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stderr,
    clippy::print_stdout,
    clippy::cast_precision_loss,
    clippy::indexing_slicing,
    reason = "a program that measures"
)]

mod collector;
mod makers;

use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

/// How many spans a second, and for how long.
#[derive(Clone, Copy)]
pub(crate) struct Load {
    pub(crate) rate: u64,
    pub(crate) seconds: u64,
}

impl Load {
    fn of_environment() -> Self {
        let number = |name: &str, default| {
            let given = std::env::var(name).ok();
            given.map_or(default, |text| text.parse().unwrap())
        };
        Self {
            rate: number("ROLLOUT_BENCH_RATE", 20_000),
            seconds: number("ROLLOUT_BENCH_SECONDS", 10),
        }
    }
}

/// What a process says of itself at its end.
pub(crate) struct Report {
    pub(crate) made: u64,
    /// How long the making took, and how long it took until all was sent.
    pub(crate) making: Duration,
    pub(crate) sending: Duration,
    pub(crate) processor: Duration,
    pub(crate) peak_mb: f64,
}

impl Report {
    pub(crate) fn print(&self) {
        println!(
            "{} {} {} {} {}",
            self.made,
            self.making.as_secs_f64(),
            self.sending.as_secs_f64(),
            self.processor.as_secs_f64(),
            self.peak_mb
        );
    }
}

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    match arguments.get(1).map(String::as_str) {
        Some("collector") => return collector::run(),
        Some("make") => return makers::run(&arguments[2], &arguments[3], Load::of_environment()),
        _ => {}
    }
    let load = Load::of_environment();
    println!(
        "{} spans a second for {} s, of which each has an input and an output of some 200 bytes\n",
        load.rate, load.seconds
    );
    println!(
        "{:<20} {:>9} {:>9} {:>10} {:>9} {:>11} {:>9}",
        "", "made", "arrived", "spans/s", "then s", "processor s", "peak MB"
    );
    let mut baseline = 0.0;
    // Of each that makes some: microseconds of a processor for a span, and the most memory.
    let mut costs = Vec::new();
    for who in ["nobody", "rollout", "opentelemetry_sdk"] {
        let (mut collector, url) = start_collector();
        let maker = Command::new(std::env::current_exe().unwrap())
            .args(["make", who, &url])
            .stderr(Stdio::inherit())
            .output()
            .unwrap();
        assert!(maker.status.success(), "{who}");
        let text = String::from_utf8(maker.stdout).unwrap();
        let numbers: Vec<f64> = text
            .split_whitespace()
            .map(|n| n.parse().unwrap())
            .collect();
        let [made, making, sending, processor, peak] = numbers[..] else {
            panic!("{text}")
        };
        let arrived = stop_collector(&mut collector);
        println!(
            "{who:<20} {made:>9} {arrived:>9} {:>10.0} {sending:>9.2} {processor:>11.2} {peak:>9.1}",
            made / making
        );
        if who == "nobody" {
            baseline = processor;
        } else {
            let each = (processor - baseline) / made * 1e6;
            println!("{:<20} {each:.1} µs of a processor for each span", "");
            costs.push((each, peak));
        }
    }
    if let [(each, peak), (peer_each, peer_peak)] = costs[..] {
        println!(
            "\nrollout to opentelemetry_sdk: {:.2} of the processor, {:.2} of the memory",
            each / peer_each,
            peak / peer_peak
        );
    }
}

fn start_collector() -> (Child, String) {
    let mut collector = Command::new(std::env::current_exe().unwrap())
        .arg("collector")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut url = String::new();
    // By the byte, as the number comes by the same way.
    let mut out = BufReader::with_capacity(1, collector.stdout.take().unwrap());
    out.read_line(&mut url).unwrap();
    collector.stdout = Some(out.into_inner());
    (collector, url.trim().to_owned())
}

fn stop_collector(collector: &mut Child) -> u64 {
    drop(collector.stdin.take());
    let mut text = String::new();
    let mut out = BufReader::new(collector.stdout.take().unwrap());
    out.read_line(&mut text).unwrap();
    collector.wait().unwrap();
    text.trim().parse().unwrap()
}
