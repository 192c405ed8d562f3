//! What a run of the program takes.

use std::fs;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

/// How long something took, and how much memory at most, in bytes; 0 if nobody tells.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Measured {
    pub(crate) took: Duration,
    pub(crate) peak: u64,
}

fn program(dir: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_rollout"));
    command
        .arg("--dir")
        .arg(dir)
        .stdin(Stdio::null())
        .env_remove("ROLLOUT_PRICES");
    command
}

/// Runs the program to its end.
pub(crate) fn command(dir: &Path, arguments: &[&str]) -> Measured {
    let began = Instant::now();
    let mut child = program(dir)
        .args(arguments)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut out = child.stdout.take().unwrap();
    let reader = thread::spawn(move || std::io::copy(&mut out, &mut std::io::sink()).unwrap());
    // It only grows, so the last look is near the truth.
    let mut highest = 0;
    let status = loop {
        highest = highest.max(peak(&child));
        if let Some(status) = child.try_wait().unwrap() {
            break status;
        }
        thread::sleep(Duration::from_micros(500));
    };
    let took = began.elapsed();
    assert!(status.success(), "{arguments:?}");
    assert!(reader.join().unwrap() > 0, "{arguments:?} says something");
    Measured {
        took,
        peak: highest,
    }
}

/// Starts the viewer, and asks it for what its page asks first.
pub(crate) fn first_page(dir: &Path) -> Measured {
    let began = Instant::now();
    let mut child = program(dir)
        .args(["view", "--no-open"])
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let address = lines.find_map(|line| line.unwrap().strip_prefix("http://").map(str::to_owned));
    let address = address.unwrap();
    let (host, token) = address.split_once("/#token=").unwrap();
    let mut stream = TcpStream::connect(host).unwrap();
    let request = format!(
        "GET /api/runs HTTP/1.1\r\nhost: {host}\r\nauthorization: Bearer {token}\r\nconnection: close\r\n\r\n"
    );
    stream.write_all(request.as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    let took = began.elapsed();
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    let peak = peak(&child);
    child.kill().unwrap();
    child.wait().unwrap();
    Measured { took, peak }
}

/// Returns how much memory a process has had at most, in bytes.
fn peak(child: &Child) -> u64 {
    let status = fs::read_to_string(format!("/proc/{}/status", child.id())).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kibibytes =
        line.and_then(|line| line.trim().strip_suffix("kB")?.trim().parse::<u64>().ok());
    kibibytes.unwrap_or(0) * 1024
}
