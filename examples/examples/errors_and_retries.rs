//! What goes wrong: errors with their causes, retries, what takes too long, and panics. All of it is
//! recorded, and reaches the program as it would without.
//!
//! `cargo run --example errors_and_retries`

use std::error::Error;
use std::io;
use std::time::Duration;

use rollout::Instrument as _;

const FOLDER: &str = ".rollout";

#[derive(Debug, thiserror::Error)]
#[error("the warehouse does not answer")]
struct Unavailable(#[source] io::Error);

/// Busy at first. An `Err` is recorded with its type, its message and its sources.
#[rollout::tool(retry_count = attempt)]
async fn lookup_order(number: u32, attempt: u64) -> Result<&'static str, Unavailable> {
    match attempt {
        0 => Err(Unavailable(io::ErrorKind::ConnectionReset.into())),
        _ => Ok("in transit"),
    }
}

/// Never done in time. What is dropped before its end was cancelled.
#[rollout::task]
async fn ask_the_carrier() {
    tokio::time::sleep(Duration::from_secs(3_600)).await;
}

/// A panic is recorded and goes on; here it ends the task that it happens in.
#[rollout::task]
async fn guess() {
    panic!("no idea");
}

#[rollout::agent]
async fn support(number: u32) -> Result<String, Unavailable> {
    let mut found = lookup_order(number, 0).await;
    for attempt in 1..=2 {
        if found.is_err() {
            found = lookup_order(number, attempt).await;
        }
    }
    let patience = Duration::from_millis(20);
    let carrier = tokio::time::timeout(patience, ask_the_carrier()).await;
    if carrier.is_err() {
        let _ = tokio::spawn(guess().in_current_trace()).await;
    }
    Ok(format!("Order {number} is {}.", found?))
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    std::panic::set_hook(Box::new(|_| ())); // the panic is meant, and told by the tree
    let recording = rollout::builder().local_dir(FOLDER).init()?;
    println!("{}\n", support(1042).await?);
    drop(recording); // delivers what is left
    if let Some(run) = rollout::show::latest(FOLDER)? {
        println!("{}", run.tree().width(120));
    }
    Ok(())
}
