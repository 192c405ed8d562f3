//! What stays here: arguments that are left out, texts that are masked, events that are not sent.
//!
//! `cargo run --example redaction`
//!
//! Keys and authorization headers of the wrapped clients are in no record anyway, and what looks like
//! a credential inside of a request is masked. This is about what only the program can know.

use std::error::Error;

use rollout::protocol::Event;

const FOLDER: &str = ".rollout";

/// An argument that is skipped is never looked at.
#[rollout::tool(skip(pin))]
fn pay(card: &str, pin: &str) -> String {
    format!(
        "paid with {card}, receipt goes to ada@example.com, {} digits",
        pin.len()
    )
}

/// A call without what went in and came out.
#[rollout::task(capture_input = false, capture_output = false)]
fn match_faces(_pictures: &[&str]) -> bool {
    true
}

#[rollout::task]
fn health_check() {}

#[rollout::agent]
fn checkout(card: &str) -> String {
    health_check();
    match_faces(&["ada.png", "bob.png"]);
    pay(card, "1234")
}

/// Masks what looks like a card number or an address. Runs on every event, on a thread of its own,
/// before anything leaves the process; if it panics the event is dropped.
fn scrub(event: &mut Event) {
    event.for_each_text(|text| {
        let words = text.split(' ').map(|word| match word {
            word if word.contains('@') => "‹address›",
            word if word.chars().filter(char::is_ascii_digit).count() >= 12 => "‹card›",
            word => word,
        });
        *text = words.collect::<Vec<_>>().join(" ");
    });
}

fn main() -> Result<(), Box<dyn Error>> {
    let recording = rollout::builder()
        .local_dir(FOLDER)
        .scrubber(scrub)
        // Sees the event after the scrubber, and decides whether it is sent.
        .before_send(|event| (event.name.as_deref() != Some("health_check")).then_some(event))
        .on_diagnostic(|_| ()) // what is dropped by intention is no news
        .init()?;
    checkout("4111-1111-1111-1111");
    let stats = recording.client().shutdown();
    println!("{} events were filtered\n", stats.dropped.filtered);
    if let Some(run) = rollout::show::latest(FOLDER)? {
        println!("{}", run.tree().width(120));
    }
    Ok(())
}
