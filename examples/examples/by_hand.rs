//! Traces, spans and tools by hand: for code that no attribute can be put on, such as a loop, a
//! closure, or what some framework calls back.
//!
//! `cargo run --example by_hand`

use std::error::Error;
use std::io;

use rollout::usage_from_openai;
use serde_json::json;

const FOLDER: &str = ".rollout";

fn main() -> Result<(), Box<dyn Error>> {
    let recording = rollout::builder().local_dir(FOLDER).init()?;

    // A trace is one run. It ends when it is dropped, or by `end`.
    let mut report = rollout::trace("nightly report")
        .attribute("region", "eu")
        .input(&json!({"day": "Monday"}))
        .start();

    // A span is a step of a type of your own. This one is told below what it is.
    let mut search = report.span("retrieval").name("find orders").start();
    search.record_output(&[1042, 1099]);
    search.end();

    // Whatever is done in its scope is inside of it, functions with attributes as well.
    let digest = report.span("task").name("digest").start();
    digest.in_scope(|| {
        for number in [1042, 1099] {
            look_up(number);
        }
        sum_up();
    });
    digest.end();

    report.record_output("one order is in transit, one is missing");
    report.end();

    drop(recording); // delivers what is left
    if let Some(run) = rollout::show::latest(FOLDER)? {
        println!("{}", run.tree().width(120));
    }
    Ok(())
}

/// A tool is a span with arguments and a result, or an error.
fn look_up(number: u32) {
    let call = rollout::tool("lookup_order").input(&json!({ "number": number }));
    let mut call = call.start();
    match number {
        1042 => call.record_output("in transit"),
        _ => call.record_error(&io::Error::other("there is no such order")),
    }
}

/// A model that no wrapper knows: what it is asked, says and consumes can be told all the same.
fn sum_up() {
    let call = rollout::llm("local.generate")
        .provider("llama.cpp")
        .model("qwen3-4b");
    let mut call = call.start();
    call.set_usage(usage_from_openai(&json!({
        "prompt_tokens": 120, "completion_tokens": 18, "total_tokens": 138,
    })));
    call.record_output("One order is in transit, one is missing.");
}
