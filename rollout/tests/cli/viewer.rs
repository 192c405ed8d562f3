//! `rollout view`, asked what its page asks.

use std::fs;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::process::{Child, Stdio};
use std::time::Duration;

use serde_json::{Value, json};

use crate::harness::Desk;

/// The viewer, until it is dropped.
struct Viewer {
    child: Child,
    host: String,
    token: String,
}

impl Viewer {
    fn start(desk: &Desk) -> Self {
        let mut command = desk.command(&["view", "--no-open"]);
        let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let address =
            lines.find_map(|line| line.unwrap().strip_prefix("http://").map(str::to_owned));
        let address = address.unwrap();
        let (host, token) = address.split_once("/#token=").unwrap();
        Self {
            child,
            host: host.to_owned(),
            token: token.to_owned(),
        }
    }

    fn get(&self, path: &str) -> Value {
        let (host, token) = (&self.host, &self.token);
        let mut stream = TcpStream::connect(host).unwrap();
        let request = format!(
            "GET {path} HTTP/1.1\r\nhost: {host}\r\nauthorization: Bearer {token}\r\nconnection: close\r\n\r\n"
        );
        stream.write_all(request.as_bytes()).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        assert!(head.starts_with("HTTP/1.1 200"), "{answer}");
        serde_json::from_str(body).unwrap()
    }
}

impl Drop for Viewer {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn the_viewer_and_the_list_say_the_same_of_costs() {
    let desk = Desk::with_runs();
    let viewer = Viewer::start(&desk);
    let listed = desk.json(&["list", "--json"]);
    let shown = viewer.get("/api/runs");
    let shown = shown["runs"].as_array().unwrap();
    assert_eq!(shown.len(), 3);
    for (shown, listed) in shown.iter().zip(&listed) {
        assert_eq!(
            (&shown["id"], shown.get("cost")),
            (&listed["trace_id"], listed.get("cost_usd"))
        );
        let is_estimated = shown.get("cost_estimated") == Some(&json!(true));
        assert_eq!(json!(is_estimated), listed["cost_estimated"]);
    }
    assert_eq!(shown[1]["cost_partial"], true, "of one call nobody knows");
    // Each call has a cost of its own; together they are that of the run.
    let id = listed[2]["trace_id"].as_str().unwrap();
    let run = viewer.get(&format!("/api/runs/{id}"));
    let steps = run["steps"].as_array().unwrap();
    let of_calls = steps.iter().filter(|step| step["kind"] == "model");
    let sum: f64 = of_calls.map(|step| step["cost"].as_f64().unwrap()).sum();
    assert!((sum - listed[2]["cost_usd"].as_f64().unwrap()).abs() < 1e-12);
}

#[test]
fn a_run_is_running_as_long_as_its_program_and_not_a_moment_longer() {
    let desk = Desk::empty();
    let viewer = Viewer::start(&desk);
    assert_eq!(viewer.get("/api/runs")["total"], 0);
    let rollout = desk.recorder(1);
    // It began months ago, and may still run.
    let run = rollout.trace("slow").start();
    rollout.flush(Duration::from_secs(20)).unwrap();
    let first = || viewer.get("/api/runs")["runs"][0].clone();
    assert_eq!(first()["status"], "unfinished");
    // Nothing is written: only the lock goes, as that of a program that is killed.
    for entry in fs::read_dir(desk.runs()).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|what| what == "lock") {
            fs::remove_file(path).unwrap();
        }
    }
    assert_eq!(
        (&first()["status"], &first()["live"]),
        (&json!("interrupted"), &json!(false))
    );
    drop(run);
    rollout.shutdown();
}

#[test]
fn prices_that_can_not_be_read_are_told_at_the_start() {
    let mut desk = Desk::with_runs();
    desk.set("ROLLOUT_PRICES", "nowhere.json");
    let said = desk.run(&["view", "--no-open"]);
    assert_eq!((said.code, &*said.out), (1, ""));
    assert!(
        said.err
            .starts_with("rollout: can't read the prices in `nowhere.json`: "),
        "{said:?}"
    );
}
