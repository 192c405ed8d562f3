//! People: users, sessions and conversations, what was said, and what they thought of it.
//!
//! `cargo run --example conversation`

use std::error::Error;

use rollout::TraceId;
use serde_json::json;

const FOLDER: &str = ".rollout";

/// Each turn of a conversation is a run of its own; the conversation's id links them.
#[rollout::agent(conversation_id = conversation)]
fn reply(conversation: &str, text: &str) -> Option<TraceId> {
    rollout::message("user", text).record();
    rollout::message("assistant", "It arrives on Tuesday.").record();
    rollout::current_trace().set_attribute("topic", "delivery");
    rollout::current_trace().id() // for whoever wants to say something about this run later
}

fn main() -> Result<(), Box<dyn Error>> {
    let recording = rollout::builder().local_dir(FOLDER).init()?;

    // Whatever runs in this scope runs on behalf of that user.
    let user = rollout::user("u_7")
        .session_id("s_1")
        .with_trait("plan", "pro");
    let turns = user
        .in_scope(|| ["Where is my order?", "And the other one?"].map(|text| reply("c_1", text)));

    // Later, maybe in another process: what became known of the user, and what the user made of it.
    if let [Some(first), Some(second)] = turns {
        rollout::identify_user("u_7")
            .with_trait("country", "FR")
            .trace_id(first)
            .record();
        rollout::feedback("thumbs_up", true)
            .trace_id(first)
            .record();
        rollout::feedback("stars", 2)
            .attribute("comment", "which other one?")
            .trace_id(second)
            .record();
        // What nobody said, but what tells as much.
        rollout::signal("asked_for_human", json!({"after_seconds": 12}))
            .trace_id(second)
            .record();
    }

    drop(recording); // delivers what is left
    let runs = rollout::show::load(FOLDER)?;
    for run in runs.iter().rev().take(2).rev() {
        println!("{}\n", run.tree().width(150));
    }
    Ok(())
}
