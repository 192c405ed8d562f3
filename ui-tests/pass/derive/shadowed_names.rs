//! A program may call its own types as the standard library's, and its variables as it likes.

#![allow(dead_code, non_camel_case_types)]

#[derive(serde::Serialize)]
struct Result<T>(T);
struct Option;
struct Some;
struct None;
struct Ok;
struct Err;
struct Box;
struct Pin;
struct Clone;
struct Scope;
struct Payload;
mod core {}
mod __private {}
trait Instrumented {}
trait Debug {}
trait Serialize {}

// Methods of the same names as those that are looked for.
#[derive(serde::Serialize)]
struct Tricky;

impl Tricky {
    fn json(&self) {}
    fn rollout_capture(&self, _: usize) {}
    fn rollout_failure(&self) {}
    fn rollout_split(&self) {}
}

macro_rules! respond {
    () => {};
}

#[derive(rollout::Instrumented)]
#[instrumented(provider = "openai")]
#[instrumented(chat: fn ask(&self, request: Tricky) -> Result<Tricky>)]
#[instrumented(chat: fn fails(&self, request: Tricky) -> std::result::Result<Tricky, Tricky>)]
#[instrumented(chat(request = call): fn locals(&self, call: u8, result: u8, scope: u8, inner: u8, __rollout_call: u8) -> u8)]
struct Gateway {
    inner: u8,
    scope: u8,
}

impl Gateway {
    fn ask(&self, request: Tricky) -> Result<Tricky> {
        respond!();
        Result(request)
    }

    fn fails(&self, request: Tricky) -> std::result::Result<Tricky, Tricky> {
        std::result::Result::Err(request)
    }

    fn locals(&self, call: u8, result: u8, scope: u8, inner: u8, __rollout_call: u8) -> u8 {
        call + result + scope + inner + __rollout_call + self.inner + self.scope
    }
}

#[rollout::llm(provider = "openai", operation = "chat", request = call)]
fn locals(call: Tricky, result: u8, details: u8, __rollout_details: u8) -> u8 {
    drop(call);
    result + details + __rollout_details
}

fn main() {
    let gateway = rollout::wrap(Gateway { inner: 1, scope: 1 });
    gateway.ask(Tricky);
    assert!(gateway.fails(Tricky).is_err());
    assert_eq!(gateway.locals(1, 1, 1, 1, 1), 7);
    assert_eq!(locals(Tricky, 1, 1, 1), 3);
}
