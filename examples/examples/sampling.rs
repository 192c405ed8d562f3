//! Sampling: a share of the traces is kept, each of them whole, and so is what is said of it later.
//!
//! `cargo run --example sampling`
//!
//! Whether a trace is kept follows from its id, here the program's own, so that all processes decide
//! alike and nothing has to be remembered or passed on.

use std::error::Error;

#[rollout::tool]
fn lookup_order(number: u32) -> &'static str {
    "in transit"
}

#[rollout::agent(external_trace_id = format!("order-{number}"))]
fn support(number: u32) -> String {
    format!("Order {number} is {}.", lookup_order(number))
}

fn main() -> Result<(), Box<dyn Error>> {
    // A folder of its own, to show all that is in it.
    let folder = std::env::temp_dir().join(format!("rollout-sampling-{}", std::process::id()));
    let recording = rollout::builder()
        .local_dir(&folder)
        .sample_rate(0.25)
        .init()?;

    for number in 1..=20 {
        support(number); // does the same, kept or not
    }
    // Feedback of customers, which may reach another process: kept where the trace is.
    for number in 1..=20 {
        let id = format!("order-{number}");
        rollout::feedback("stars", number % 5 + 1)
            .external_trace_id(id)
            .record();
    }

    drop(recording); // delivers what is left
    let runs = rollout::show::load(&folder)?;
    println!("{} of 20 runs were kept\n", runs.len());
    for run in runs {
        println!("{}\n", run.tree().width(120));
    }
    std::fs::remove_dir_all(folder)?;
    Ok(())
}
