//! What an agent waits for its recorder, by the clock on the wall: nothing, whatever the server does.
//!
//! `cargo bench -p rollout --bench waiting`
//!
//! The same agent in turns with a client that is switched off, which does nothing, and with clients whose
//! server answers at once, after a fifth of a second, or never. Each run is by itself, as runs of agents are.

#![allow(missing_docs, reason = "a program")]
#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::indexing_slicing,
    reason = "a program that measures"
)]

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::time::{Duration, Instant};

use rollout::Rollout;

const SLOW: Duration = Duration::from_millis(200);
/// Nobody waits for so long.
const NEVER: Duration = Duration::from_secs(24 * 3_600);

/// Starts a server that takes this long for everything, and returns its address.
fn server(delay: Duration) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        for stream in listener.incoming().map_while(Result::ok) {
            std::thread::spawn(move || serve(stream, delay));
        }
    });
    format!("http://{address}")
}

fn serve(mut stream: TcpStream, delay: Duration) -> Option<()> {
    let mut reader = BufReader::new(stream.try_clone().ok()?);
    loop {
        let mut length = 0;
        loop {
            let mut line = String::new();
            if reader.read_line(&mut line).ok()? == 0 {
                return None;
            }
            let line = line.trim().to_ascii_lowercase();
            if line.is_empty() {
                break;
            }
            if let Some(value) = line.strip_prefix("content-length:") {
                length = value.trim().parse().ok()?;
            }
        }
        reader.read_exact(&mut vec![0; length]).ok()?;
        std::thread::sleep(delay);
        let answer = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}";
        stream.write_all(answer.as_bytes()).ok()?;
    }
}

/// Runs an agent with three steps, and returns how long it took.
fn run(rollout: &Rollout) -> Duration {
    let started = Instant::now();
    let mut trace = rollout.trace("agent").start();
    trace.in_scope(|| {
        for step in 0..3 {
            rollout::span("step").input(&step).start().end();
        }
    });
    trace.record_output(&"done");
    trace.end();
    started.elapsed()
}

fn main() {
    let is_bench = std::env::args().any(|argument| argument == "--bench");
    let rounds = if is_bench { 2_000 } else { 5 };
    let folder = std::env::temp_dir().join(format!("rollout-bench-{}", std::process::id()));
    let client = |name: &str, delay| {
        rollout::builder()
            .api_key("rl_bench")
            .base_url(server(delay))
            .spool_dir(folder.join(name))
            .shutdown_timeout(Duration::from_millis(100))
            .on_diagnostic(|_| ())
            .build()
            .unwrap()
    };
    let off = rollout::builder().disabled(true).build().unwrap();
    let clients = [
        ("switched off", off),
        ("answers at once", client("ok", Duration::ZERO)),
        ("answers after 200 ms", client("slow", SLOW)),
        ("never answers", client("never", NEVER)),
    ];
    let mut times: Vec<Vec<Duration>> = vec![Vec::new(); clients.len()];
    for _ in 0..rounds {
        for ((_, client), times) in clients.iter().zip(&mut times) {
            times.push(run(client));
            std::thread::sleep(Duration::from_millis(1));
        }
    }
    println!(
        "{:<24} {:>10} {:>10} {:>10}",
        "the server …", "median", "99 in 100", "to «at once»"
    );
    let ranks = |times: &mut Vec<Duration>| {
        times.sort();
        (times[times.len() / 2], times[times.len() * 99 / 100])
    };
    let base = ranks(&mut times[1]).0.as_secs_f64();
    for ((name, client), times) in clients.iter().zip(&mut times) {
        let (median, most) = ranks(times);
        let ratio = median.as_secs_f64() / base;
        println!("{name:<24} {median:>10.1?} {most:>10.1?} {ratio:>10.2}");
        let stats = client.shutdown();
        assert_eq!(stats.dropped.total(), 0, "{name}: {stats}");
    }
    let _ = std::fs::remove_dir_all(folder);
}
