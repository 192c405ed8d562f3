//! One run on many threads: futures that take turns, tasks, blocking threads, threads of one's own.
//!
//! `cargo run --example parallel`
//!
//! What is awaited is part of the run by itself. What is handed to somebody else takes the run along.

use std::error::Error;
use std::thread;
use std::time::Duration;

use rollout::{Context, Instrument as _};

const FOLDER: &str = ".rollout";

#[rollout::tool]
async fn search(source: &'static str, millis: u64) -> usize {
    tokio::time::sleep(Duration::from_millis(millis)).await;
    source.len()
}

#[rollout::task("rank", capture_output = true)]
fn rank(found: usize) -> usize {
    found * 2
}

#[rollout::agent]
async fn research(question: &str) -> Result<usize, Box<dyn Error + Send + Sync>> {
    // Awaited here: nothing to do.
    let (manual, forum) = tokio::join!(search("manual", 20), search("forum", 10));

    // A task: `in_current_trace` takes along what is active where it is called.
    let web = tokio::spawn(search("web", 5).in_current_trace()).await?;

    // Threads, of a pool or one's own: the context is handed over, and entered there.
    let found = manual + forum + web;
    let context = Context::current();
    let ranked = tokio::task::spawn_blocking(move || {
        let first = context.clone().in_scope(|| rank(found));
        let second = thread::spawn(move || context.in_scope(|| rank(first)));
        second.join().unwrap_or_default()
    });
    Ok(ranked.await?)
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error + Send + Sync>> {
    let recording = rollout::builder().local_dir(FOLDER).init()?;
    println!("{}\n", research("How do I reset it?").await?);
    drop(recording); // delivers what is left
    if let Some(run) = rollout::show::latest(FOLDER)? {
        println!("{}", run.tree().width(120));
    }
    Ok(())
}
