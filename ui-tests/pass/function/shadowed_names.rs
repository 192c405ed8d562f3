//! A program may call its own types as the standard library's, and its variables as it likes.

#![allow(dead_code, non_camel_case_types)]

use std::fmt::{Debug, Display};

struct Result<T>(T);
struct Option;
struct Some;
struct None;
struct Ok;
struct Err;
struct Vec;
struct String;
struct Box;
struct Pin;
struct Future;
struct Send;
struct Probe;
struct Payload;
mod core {}
mod std_like {}
mod __private {}
trait Serialize {}

#[rollout::agent]
fn answer(question: &str) -> Result<String> {
    let _ = (
        question, Option, Some, None, Ok, Err, Vec, Box, Pin, Future, Send, Probe, Payload,
    );
    Result(String)
}

#[rollout::tool(user_id = call, attributes(opening = opening))]
async fn locals(call: u32, opening: u32, result: u32, limit: u32, value: u32) -> u32 {
    let __rollout_call = 1;
    call + opening + result + limit + value + __rollout_call
}

// Methods of the same names as those that capturing looks for.
struct Tricky;

impl Tricky {
    fn rollout_capture(&self, _: usize) {}
    fn rollout_failure(&self) {}
    fn rollout_split(&self) {}
}

#[rollout::tool]
fn tricky(tricky: Tricky) -> std::result::Result<Tricky, Tricky> {
    std::result::Result::Ok(tricky)
}

// Macros of the same names as those of the standard library and of ours.
macro_rules! capture {
    () => {};
}
macro_rules! outcome {
    () => {};
}

#[rollout::span("retrieval", capture_input, capture_output)]
fn generic<T: Debug + Display, __rollout>(value: T, _other: __rollout) -> T {
    capture!();
    outcome!();
    value
}

fn main() {
    answer("why?");
    drop(locals(1, 2, 3, 4, 5));
    assert!(tricky(Tricky).is_ok());
    generic(1, 2);
}
