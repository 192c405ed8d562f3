//! Replays recorded traffic.
//!
//! `ROLLOUT_CORPUS=<folder> cargo test -p rollout-tests --test corpus -- --nocapture`
//! prints what agrees, per operation and fact, and what does not. Without the variable only the few
//! interactions of `handwritten.json` are replayed.

#![expect(clippy::print_stdout, reason = "the table is what the test is for")]

mod anthropic;
mod careless;
mod decoders;
mod openai;
mod replay;
mod restated;
mod served;
mod span;

use rollout_tests::corpus::{Corpus, FOLDER, Interaction, Operation, Score};
use serde_json::Value;

/// So many there are at least, so that nobody takes a part of them for all.
const LEAST: [(Operation, usize); 3] = [
    (Operation::Chat, 600),
    (Operation::Responses, 280),
    (Operation::Messages, 260),
];

/// So many legacy completions and embeddings there are at least.
const LEAST_RELATIVES: usize = 45;

/// Returns the recorded interactions, where there are any: all that there must be.
fn recorded() -> Vec<Interaction> {
    corpus().map_or_else(Vec::new, |corpus| corpus.interactions)
}

/// Returns the recorded legacy completions and embeddings.
fn relatives() -> Vec<Interaction> {
    let relatives = corpus().map_or_else(Vec::new, |corpus| corpus.relatives);
    assert!(relatives.is_empty() || relatives.len() >= LEAST_RELATIVES);
    relatives
}

fn corpus() -> Option<Corpus> {
    let Some(corpus) = Corpus::from_environment() else {
        println!("skipped: {FOLDER} names no folder with recorded traffic");
        return None;
    };
    let corpus = corpus.unwrap();
    for (operation, least) in LEAST {
        let (found, declared) = (corpus.count(operation), corpus.declared.get(&operation));
        assert_eq!(
            Some(&found),
            declared,
            "{operation}: not what the folder's README counts"
        );
        assert!(found >= least, "only {found} of {operation}");
    }
    Some(corpus)
}

fn handwritten() -> Vec<Interaction> {
    let file: Value = serde_json::from_str(include_str!("handwritten.json")).unwrap();
    let parse = |file: &Value| {
        let operation = match file["operation"].as_str().unwrap() {
            "chat" => Operation::Chat,
            "responses" => Operation::Responses,
            _ => Operation::Messages,
        };
        Interaction::parse(operation, file).unwrap()
    };
    file.as_array().unwrap().iter().map(parse).collect()
}

fn judge(score: &Score) {
    println!("{score}");
    score.judge();
}
