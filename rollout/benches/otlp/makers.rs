//! Who makes the spans: rollout, OpenTelemetry's own SDK, and nobody.

use std::hint::black_box;
use std::thread;
use std::time::{Duration, Instant};

use cpu_time::ProcessTime;
use opentelemetry::trace::{Span as _, TraceContextExt as _, Tracer as _, TracerProvider as _};
use opentelemetry::{Context, KeyValue};
use opentelemetry_otlp::WithExportConfig as _;
use opentelemetry_sdk::trace::{BatchConfigBuilder, BatchSpanProcessor, SdkTracerProvider};

use super::{Load, Report};

const THREADS: u64 = 4;
/// A run of an agent, and the spans of it, its own included.
const SPANS: u64 = 25;

/// Makes spans as `who` does, and sends them to this address.
pub(crate) fn run(who: &str, url: &str, load: Load) {
    let began = ProcessTime::now();
    let (made, making, sending) = match who {
        "nobody" => {
            let (made, making) = pace(load, &|number| {
                for step in 1..SPANS {
                    black_box((input(number, step), output(number, step)));
                }
            });
            (made, making, Duration::ZERO)
        }
        "rollout" => by_rollout(url, load),
        _ => by_the_sdk(url, load),
    };
    let report = Report {
        made,
        making,
        sending,
        processor: began.elapsed(),
        peak_mb: peak_mb(),
    };
    report.print();
}

fn by_rollout(url: &str, load: Load) -> (u64, Duration, Duration) {
    let spool = std::env::temp_dir().join(format!("rollout-bench-{}", std::process::id()));
    let rollout = rollout::builder()
        .otlp(rollout::Otlp::new(url))
        .service_name("bench")
        .spool_dir(&spool)
        .shutdown_timeout(Duration::from_secs(60))
        .build()
        .unwrap();
    let (made, making) = pace(load, &|number| {
        let trace = rollout.trace("agent").start();
        trace.in_scope(|| {
            for step in 1..SPANS {
                let span = rollout::span("step").input(&input(number, step));
                let mut span = span.start();
                span.record_output(&output(number, step));
                span.end();
            }
        });
    });
    let rest = Instant::now();
    let stats = rollout.shutdown();
    let sending = rest.elapsed();
    if stats.dropped.total() > 0 {
        eprintln!("rollout: {stats}");
    }
    let _ = std::fs::remove_dir_all(spool);
    (made, making, sending)
}

fn by_the_sdk(url: &str, load: Load) -> (u64, Duration, Duration) {
    let exporter = opentelemetry_otlp::SpanExporter::builder()
        .with_http()
        .with_endpoint(format!("{url}/v1/traces"))
        .build()
        .unwrap();
    // Its own limit of 2,048 spans is a tenth of a second's.
    let limits = BatchConfigBuilder::default().with_max_queue_size(65_536);
    let processor = BatchSpanProcessor::builder(exporter);
    let processor = processor.with_batch_config(limits.build()).build();
    let provider = SdkTracerProvider::builder()
        .with_span_processor(processor)
        .build();
    let tracer = provider.tracer("bench");
    let (made, making) = pace(load, &|number| {
        let context = Context::new().with_span(tracer.start("agent"));
        for step in 1..SPANS {
            let mut span = tracer.start_with_context("step", &context);
            span.set_attribute(KeyValue::new("input", input(number, step)));
            span.set_attribute(KeyValue::new("output", output(number, step)));
            span.end();
        }
    });
    let rest = Instant::now();
    if let Err(error) = provider.shutdown_with_timeout(Duration::from_secs(60)) {
        eprintln!("opentelemetry_sdk: {error}");
    }
    (made, making, rest.elapsed())
}

/// Runs as many agents as the rate says, evenly; returns how many spans that are and how long it took.
fn pace(load: Load, agent: &(dyn Fn(u64) + Sync)) -> (u64, Duration) {
    let began = Instant::now();
    let agents = load.rate * load.seconds / SPANS / THREADS;
    let every = Duration::from_secs(load.seconds) / u32::try_from(agents).unwrap();
    thread::scope(|scope| {
        for _ in 0..THREADS {
            scope.spawn(move || {
                for number in 0..agents {
                    let due = every * u32::try_from(number).unwrap();
                    thread::sleep(due.saturating_sub(began.elapsed()));
                    agent(number);
                }
            });
        }
    });
    (agents * THREADS * SPANS, began.elapsed())
}

fn input(agent: u64, step: u64) -> String {
    format!(
        "step {step} of agent {agent}: {}",
        "what there is to be known ".repeat(7)
    )
}

fn output(agent: u64, step: u64) -> String {
    format!(
        "of agent {agent}, step {step}: {}",
        "what was found out of it ".repeat(7)
    )
}

/// Returns the most memory that the process had, in megabytes; 0 if nobody tells.
fn peak_mb() -> f64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kb = line.and_then(|line| line.trim().strip_suffix("kB"));
    kb.and_then(|kb| kb.trim().parse::<f64>().ok())
        .unwrap_or(0.0)
        / 1024.0
}
