//! Nothing is taken from the prelude, and nothing of the program's gets in the way.

#![no_implicit_prelude]
#![allow(dead_code)]
#![deny(warnings, unused_qualifications, unused_results)]

struct Result;
struct Box;
struct Probe;
fn tool() {}
fn recorder() {}

fn find(id: u32) -> ::std::option::Option<u32> {
    id.checked_sub(1)
}

type Tool = ::std::boxed::Box<
    dyn ::std::ops::Fn(u32) -> ::std::option::Option<u32>
        + ::std::marker::Send
        + ::std::marker::Sync,
>;

fn main() {
    let name = "outer";
    let tools: [(&'static str, Tool); 1] = [(name, ::std::boxed::Box::new(find))];
    let [(name, find)] = ::rollout::wrap_tools!(tools);
    ::std::assert_eq!(name, "outer");
    ::std::assert_eq!(find(1), ::std::option::Option::Some(0));
    let input = ::rollout::wrap_tool!("input", |output: u32| output);
    ::std::assert_eq!(input(2), 2);
}
